import assert from "node:assert/strict";
import { decodeProtectedHeader, decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { GuestAuthenticator } from "../../../../server/auth/guest-authenticator.ts";

const SECRET = new Uint8Array(32).fill(1);
const OTHER_SECRET = new Uint8Array(32).fill(2);

function authenticatorWith(secret = SECRET): GuestAuthenticator {
  const authenticator = new GuestAuthenticator();
  authenticator.useSecret(secret);
  return authenticator;
}

/** A token like those of the authenticator, but for what the test changes. */
function forge(change: (token: SignJWT) => SignJWT, secret = SECRET, alg = "HS256") {
  const token = new SignJWT({ name: "Guest 1" })
    .setProtectedHeader({ alg })
    .setSubject("guest-1")
    .setIssuer("atrium")
    .setAudience("atrium-guest")
    .setIssuedAt();
  return change(token).sign(secret);
}

/** The claims of a true token, under another header and signature. */
function replaceHeader(token: string, header: object): string {
  const encoded = Buffer.from(JSON.stringify(header)).toString("base64url");
  return [encoded, ...token.split(".").slice(1)].join(".");
}

const CLAIMS = { sub: "guest-1", iss: "atrium", aud: "atrium-guest", name: "Guest 1" };

describe("GuestAuthenticator", () => {
  it("gives everybody who comes without a token an identity and a token of their own", async () => {
    const authenticator = authenticatorWith();
    const first = await authenticator.authenticate(undefined);
    const second = await authenticator.authenticate(undefined);
    assert.match(first.user.id, /^guest-[0-9a-f-]{36}$/);
    assert.match(first.user.name, /^Guest [0-9a-f]{4}$/);
    assert.notEqual(first.user.id, second.user.id);
    assert.notEqual(first.token, second.token);
  });

  it("recognises a guest by the token, and does not make a new one", async () => {
    const authenticator = authenticatorWith();
    const { user, token } = await authenticator.authenticate(undefined);
    assert.deepEqual(await authenticator.authenticate(token), { user });
  });

  it("recognises guests of an earlier run with the same secret", async () => {
    const { user, token } = await authenticatorWith().authenticate(undefined);
    assert.deepEqual(await authenticatorWith().authenticate(token), { user });
  });

  it("signs with HS256 and says who issued the token, for what, and when", async () => {
    const { user, token } = await authenticatorWith().authenticate(undefined);
    assert.deepEqual(decodeProtectedHeader(token!), { alg: "HS256" });
    const { iat, ...claims } = decodeJwt(token!);
    const expected = { ...CLAIMS, sub: user.id, name: user.name };
    assert.deepEqual(claims, expected);
    assert.equal(typeof iat, "number");
  });

  it("accepts a forgery only when it is none", async () => {
    const token = await forge((each) => each);
    const { user } = await authenticatorWith().authenticate(token);
    assert.deepEqual(user, { id: "guest-1", name: "Guest 1" });
  });

  const ATTACKS: [what: string, token: () => string | Promise<string>][] = [
    ["without a signature", () => new UnsecuredJWT(CLAIMS).encode()],
    ["signed with another secret", () => forge((each) => each, OTHER_SECRET)],
    [
      "signed with another algorithm",
      () => forge((each) => each, new Uint8Array(64).fill(1), "HS512"),
    ],
    ["of another audience", () => forge((each) => each.setAudience("atrium"))],
    ["of another issuer", () => forge((each) => each.setIssuer("somebody"))],
    ["that is expired", () => forge((each) => each.setExpirationTime(1_000_000_000))],
    ["that is not valid yet", () => forge((each) => each.setNotBefore(40_000_000_000))],
    ["for nobody", () => forge((each) => each.setSubject(""))],
    ["that is empty", () => ""],
    ["that is garbage", () => "garbage"],
    ["that is garbage in three parts", () => "a.b.c"],
    ["that is huge", () => `${"x".repeat(100_000)}.y.z`],
    ["with a name that cannot be shown", async () => forgeName("Ada\u202Egnp")],
    ["with a name of the wrong type", async () => forgeName({ toString: null })],
    ["without a name", async () => forgeName(undefined)],
  ];
  for (const [what, makeToken] of ATTACKS) {
    it(`refuses a token ${what} as auth-failed`, async () => {
      const token = await makeToken();
      await assert.rejects(authenticatorWith().authenticate(token), { code: "auth-failed" });
    });
  }

  it("refuses a token whose header or claims were changed after it was signed", async () => {
    const authenticator = authenticatorWith();
    const { token = "" } = await authenticator.authenticate(undefined);
    const [header, , signature] = token.split(".");
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: "guest-2" }));
    const changed = [
      replaceHeader(token, { alg: "none" }),
      `${replaceHeader(token, { alg: "none" }).split(".").slice(0, 2).join(".")}.`,
      replaceHeader(token, { alg: "HS256", b64: false, crit: ["b64"] }),
      [header, claims.toString("base64url"), signature].join("."),
      `${token}x`,
      token.slice(0, -3),
    ];
    for (const each of changed) {
      await assert.rejects(authenticator.authenticate(each), { code: "auth-failed" });
    }
  });

  it("says nothing of the reason, and keeps it as the cause", async () => {
    const token = await forge((each) => each.setAudience("atrium"));
    await assert.rejects(authenticatorWith().authenticate(token), (error: Error) => {
      assert.equal(error.message, "the guest token was refused");
      assert.match(String(error.cause), /aud/);
      return true;
    });
  });

  it("refuses a secret of fewer than 32 bytes", () => {
    const authenticator = new GuestAuthenticator();
    assert.throws(() => authenticator.useSecret(new Uint8Array(31)), {
      name: "RangeError",
      message: "a guest secret of 31 bytes is shorter than 32",
    });
    authenticator.useSecret(new Uint8Array(32));
  });

  it("lets nobody in before it has a secret", async () => {
    const authenticator = new GuestAuthenticator();
    await assert.rejects(authenticator.authenticate(undefined), { code: "auth-failed" });
    await assert.rejects(authenticator.authenticate("x"), { code: "auth-failed" });
  });
});

function forgeName(name: unknown): Promise<string> {
  return new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("guest-1")
    .setIssuer("atrium")
    .setAudience("atrium-guest")
    .sign(SECRET);
}
