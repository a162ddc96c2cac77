import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { TokenAuthenticator } from "../../server/auth/authenticator.ts";
import { jwt } from "../../server/auth/jwt.ts";
import { systemClock } from "../../shared/system-clock.ts";

const FIRST = generateKeyPairSync("ec", { namedCurve: "P-256" });
const OTHER = generateKeyPairSync("ec", { namedCurve: "P-256" });

function sign(key: KeyObject, kid: string, alg = "ES256"): Promise<string> {
  const claims = { sub: "ada", name: "Ada" };
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
}

describe("jwt with keys that the issuer publishes", () => {
  let issuer: Server;
  let requests = 0;
  let isDown = false;
  let jwksUrl: string;

  beforeEach(async () => {
    requests = 0;
    isDown = false;
    const jwk = { ...FIRST.publicKey.export({ format: "jwk" }), kid: "first" };
    issuer = createServer((_request, response) => {
      requests += 1;
      if (isDown) response.writeHead(503).end();
      else response.writeHead(200).end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
  });
  afterEach(async () => {
    issuer.closeAllConnections();
    await new Promise((resolve) => issuer.close(resolve));
  });

  it("fetches them when it first needs one, and once for many tokens", async () => {
    const { verify } = jwt({ jwksUrl, requireExpiry: false });
    assert.equal(requests, 0);
    for (let count = 0; count < 3; count += 1) {
      assert.deepEqual(await verify(await sign(FIRST.privateKey, "first")), {
        id: "ada",
        name: "Ada",
      });
    }
    assert.equal(requests, 1);
  });

  const ATTACKS: [what: string, token: () => Promise<string>][] = [
    ["signed with another key under a known name", () => sign(OTHER.privateKey, "first")],
    ["signed with a key that the issuer does not have", () => sign(OTHER.privateKey, "other")],
    [
      "signed as HS256 with the published key",
      () =>
        new SignJWT({ sub: "ada", name: "Ada" })
          .setProtectedHeader({ alg: "HS256", kid: "first" })
          .sign(
            new TextEncoder().encode(JSON.stringify(FIRST.publicKey.export({ format: "jwk" }))),
          ),
    ],
  ];
  for (const [what, makeToken] of ATTACKS) {
    it(`refuses a token ${what}, and asks the issuer no more than once`, async () => {
      const authenticator = new TokenAuthenticator(
        jwt({ jwksUrl, requireExpiry: false }),
        systemClock,
      );
      const token = await makeToken();
      for (let count = 0; count < 3; count += 1) {
        await assert.rejects(authenticator.authenticate(token), { code: "auth-failed" });
      }
      assert.ok(requests <= 1);
    });
  }

  it("says unreachable, not auth-failed, while the keys cannot be fetched", async () => {
    const authenticator = new TokenAuthenticator(
      jwt({ jwksUrl, requireExpiry: false }),
      systemClock,
    );
    const token = await sign(FIRST.privateKey, "first");
    isDown = true;
    await assert.rejects(authenticator.authenticate(token), {
      name: "SyncError",
      code: "unreachable",
      message: "the issuer's keys cannot be fetched",
    });
    isDown = false;
    assert.equal((await authenticator.authenticate(token)).user.id, "ada");
  });
});
