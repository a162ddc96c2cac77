import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { jwt, type JwtOptions } from "../../../../server/auth/jwt.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { inEnvironment } from "../../../support/in-environment.ts";

const NOW = 1_700_000_000_000;
const NOW_SECONDS = NOW / 1_000;
const SECRET = "a secret of thirty-two bytes, ok";
const CLAIMS: JWTPayload = {
  sub: "ada",
  name: "Ada",
  iss: "us",
  aud: "atrium",
  exp: NOW_SECONDS + 3_600,
};
const ADA = { id: "ada", name: "Ada", expiresAt: NOW + 3_600_000 };
const CHECKS = { issuer: "us", audience: "atrium", clock: new FakeClock(NOW) };

const RSA = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const EC = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ED = generateKeyPairSync("ed25519");

function pemOf(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }) as string;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function sign(
  claims: JWTPayload,
  { alg = "HS256", key = bytesOf(SECRET) }: { alg?: string; key?: KeyObject | Uint8Array } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}

/** A token with any header and claims, signed as HS256 with any bytes, as an attacker would. */
function forge(header: object, claims: object, secret: string): string {
  const parts = [header, claims].map((each) =>
    Buffer.from(JSON.stringify(each)).toString("base64url"),
  );
  const signature = createHmac("sha256", secret).update(parts.join(".")).digest("base64url");
  return [...parts, signature].join(".");
}

function claimsWithout(name: string): JWTPayload {
  return Object.fromEntries(Object.entries(CLAIMS).filter(([each]) => each !== name));
}

/** Signed with the secret, as only its issuer could. */
function forgeClaims(claims: object): string {
  return forge({ alg: "HS256" }, { ...CLAIMS, ...claims }, SECRET);
}

const verifier = jwt({ secret: SECRET, ...CHECKS });

describe("jwt", () => {
  // Threat: a token that is confused for another. The attacks are in the tables below.

  it("returns the user of a token: id, name, role and when it ends", async () => {
    const claims = { ...CLAIMS, role: "moderator", exp: NOW_SECONDS + 60, email: "ada@b.c" };
    assert.deepEqual(await verifier.verify(await sign(claims)), {
      id: "ada",
      name: "Ada",
      role: "moderator",
      expiresAt: NOW + 60_000,
    });
  });

  it("returns neither a role nor an end when the token has none, and need not", async () => {
    const { verify } = jwt({ secret: SECRET, ...CHECKS, requireExpiry: false });
    const token = await sign(claimsWithout("exp"));
    assert.deepEqual(await verify(token), { id: "ada", name: "Ada" });
  });

  it("takes a role that is not a text for none", async () => {
    for (const role of [["moderator"], { moderator: true }, true, 1, null]) {
      const token = await sign({ ...CLAIMS, role });
      assert.deepEqual(await verifier.verify(token), ADA);
    }
  });

  it("says so when a token has no end, for whoever makes the tokens", async () => {
    const endless = await sign(claimsWithout("exp"));
    await assert.rejects(async () => verifier.verify(endless), {
      code: "auth-failed",
      message: "the token has no end (exp), which jwt() requires",
    });
  });

  it("fetches keys for a server in production over https only, or from its own machine", () => {
    const http = "http://issuer.example/keys";
    inEnvironment({ NODE_ENV: "production" }, () => {
      assert.throws(() => jwt({ jwksUrl: http }), { name: "TypeError", message: /is not https/ });
      for (const url of ["https://issuer.example/keys", "http://localhost:1/", "http://[::1]:1/"]) {
        jwt({ jwksUrl: url });
      }
    });
    inEnvironment({ NODE_ENV: "development" }, () => void jwt({ jwksUrl: http }));
  });

  it("accepts any issuer and audience when it is told of none", async () => {
    const anybody = jwt({ secret: SECRET, clock: new FakeClock(NOW) });
    const token = await sign({ ...CLAIMS, iss: "them", aud: "else" });
    assert.deepEqual(await anybody.verify(token), ADA);
  });

  it("accepts one of several issuers and audiences", async () => {
    const several = { issuer: ["us", "them"], audience: ["atrium", "else"] };
    const lenient = jwt({ secret: SECRET, clock: new FakeClock(NOW), ...several });
    await lenient.verify(await sign({ ...CLAIMS, iss: "them", aud: ["other", "else"] }));
    await assert.rejects(async () => lenient.verify(await sign({ ...CLAIMS, iss: "eve" })));
  });

  it("keeps its own copy of a secret", async () => {
    const secret = bytesOf(SECRET);
    const { verify } = jwt({ secret, ...CHECKS });
    secret.fill(0);
    assert.deepEqual(await verify(await sign(CLAIMS)), ADA);
  });

  it("goes by its own clock", async () => {
    const clock = new FakeClock(NOW);
    const { verify } = jwt({ secret: SECRET, clock });
    const token = await sign({ ...CLAIMS, nbf: NOW_SECONDS + 10, exp: NOW_SECONDS + 20 });
    await assert.rejects(async () => verify(token));
    clock.advanceSync(10_000);
    await verify(token);
    clock.advanceSync(9_999);
    await verify(token);
    clock.advanceSync(1);
    await assert.rejects(async () => verify(token));
  });

  const PAIRS: [algorithm: string, pair: { publicKey: KeyObject; privateKey: KeyObject }][] = [
    ["RS256", RSA],
    ["PS512", RSA],
    ["ES256", EC],
    ["EdDSA", ED],
    ["Ed25519", ED],
  ];
  for (const [alg, { publicKey, privateKey }] of PAIRS) {
    it(`verifies ${alg} with a public key, as PEM, JWK or key object`, async () => {
      const token = await sign(CLAIMS, { alg, key: privateKey });
      const forms = [pemOf(publicKey), publicKey.export({ format: "jwk" }), publicKey];
      for (const form of forms) {
        const { verify } = jwt({ publicKey: form, ...CHECKS });
        assert.deepEqual(await verify(token), ADA);
      }
    });
  }

  it("takes the public half of a private key", async () => {
    const { verify } = jwt({ publicKey: EC.privateKey, ...CHECKS });
    const token = await sign(CLAIMS, { alg: "ES256", key: EC.privateKey });
    assert.deepEqual(await verify(token), ADA);
  });

  describe("refuses, with a secret, a token", () => {
    const ATTACKS: [what: string, token: () => string | Promise<string>][] = [
      ["without a signature, alg none", () => new UnsecuredJWT(CLAIMS).encode()],
      ["that says alg none and is signed", () => forge({ alg: "none" }, CLAIMS, SECRET)],
      ["that says alg nOnE", () => forge({ alg: "nOnE" }, CLAIMS, SECRET)],
      ["without an algorithm", () => forge({ typ: "JWT" }, CLAIMS, SECRET)],
      ["signed with another secret", () => sign(CLAIMS, { key: bytesOf(`${SECRET}!`) })],
      ["signed as HS384", () => sign(CLAIMS, { alg: "HS384", key: bytesOf(SECRET + SECRET) })],
      ["signed with a key of its own in its header", () => ownKey()],
      ["that says where its key is to be found, jku", () => ownKeyAt("jku")],
      ["that says where its certificate is to be found, x5u", () => ownKeyAt("x5u")],
      ["that brings a certificate of its own, x5c", () => ownCertificate()],
      ["signed with nothing, its kid a file that is empty", () => forge(emptyFile, CLAIMS, "")],
      ["signed as its kid would have it in SQL", () => forge(injected, CLAIMS, "x")],
      ["with a critical header that is unknown", () => forge(CRITICAL, CLAIMS, SECRET)],
      ["of another issuer", () => sign({ ...CLAIMS, iss: "them" })],
      ["without an issuer", () => sign(claimsWithout("iss"))],
      ["for another audience", () => sign({ ...CLAIMS, aud: "billing" })],
      ["for no audience", () => sign(claimsWithout("aud"))],
      ["without an end", () => sign(claimsWithout("exp"))],
      ["for a list of other audiences", () => sign({ ...CLAIMS, aud: ["billing", "atriums"] })],
      ["for an audience that is an object", () => forgeClaims({ aud: { atrium: true } })],
      ["of an issuer that is a list", () => forgeClaims({ iss: ["us"] })],
      ["that is valid from no time", () => forgeClaims({ nbf: "0" })],
      ["that is expired", () => sign({ ...CLAIMS, exp: NOW_SECONDS })],
      ["that expires at no time", () => forgeClaims({ exp: "2099" })],
      ["that expires at null", () => forgeClaims({ exp: null })],
      ["that never expires, by overflow", () => overflow()],
      ["that is not valid yet", () => sign({ ...CLAIMS, nbf: NOW_SECONDS + 1 })],
      ["without a subject", () => sign(claimsWithout("sub"))],
      ["with an empty subject", () => sign({ ...CLAIMS, sub: "" })],
      ["with a number for a subject", () => forgeClaims({ sub: 7 })],
      ["without a name", () => sign(claimsWithout("name"))],
      ["with an empty name", () => sign({ ...CLAIMS, name: "  " })],
      ["with a name too long", () => sign({ ...CLAIMS, name: "x".repeat(33) })],
      ["with a name that turns text around", () => sign({ ...CLAIMS, name: "Ada\u202Egnp" })],
      ["with a name that is no text", () => sign({ ...CLAIMS, name: { toString: "Ada" } })],
      ["that is empty", () => ""],
      ["that is garbage", () => "garbage"],
      ["of two dots", () => ".."],
      ["of two parts", async () => (await sign(CLAIMS)).split(".", 2).join(".")],
      ["of four parts", async () => `${await sign(CLAIMS)}.x`],
      ["of five parts, as if encrypted", () => "a.b.c.d.e"],
      ["whose claims are no object", () => forge({ alg: "HS256" }, [CLAIMS], SECRET)],
      ["that was cut short", async () => (await sign(CLAIMS)).slice(0, -2)],
      ["that is huge", () => `${"x".repeat(1_000_000)}.y.z`],
    ];
    for (const [what, makeToken] of ATTACKS) {
      it(what, async () => {
        const token = await makeToken();
        await assert.rejects(async () => verifier.verify(token));
      });
    }
  });

  describe("refuses, with a public key, a token", () => {
    const ATTACKS: [what: string, token: () => string | Promise<string>][] = [
      [
        "signed as HS256 with that key",
        () => forge({ alg: "HS256" }, CLAIMS, pemOf(RSA.publicKey)),
      ],
      [
        "signed as HS256 with that key's bytes",
        () => forge({ alg: "HS256" }, CLAIMS, pemOf(RSA.publicKey).trim()),
      ],
      ["signed as HS256 with nothing", () => forge({ alg: "HS256" }, CLAIMS, "")],
      ["without a signature", () => new UnsecuredJWT(CLAIMS).encode()],
      [
        "signed with another key",
        () =>
          sign(CLAIMS, {
            alg: "RS256",
            key: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey,
          }),
      ],
      [
        "signed with a key of another kind",
        () => sign(CLAIMS, { alg: "ES256", key: EC.privateKey }),
      ],
    ];
    for (const [what, makeToken] of ATTACKS) {
      it(what, async () => {
        const token = await makeToken();
        for (const publicKey of [pemOf(RSA.publicKey), RSA.publicKey]) {
          const { verify } = jwt({ publicKey, ...CHECKS });
          await assert.rejects(async () => verify(token));
        }
      });
    }

    it("signed with an algorithm that was not asked for", async () => {
      const { verify } = jwt({ publicKey: RSA.publicKey, algorithms: ["PS256"], ...CHECKS });
      await verify(await sign(CLAIMS, { alg: "PS256", key: RSA.privateKey }));
      const token = await sign(CLAIMS, { alg: "RS256", key: RSA.privateKey });
      await assert.rejects(async () => verify(token));
    });
  });

  describe("refuses options", () => {
    const MISTAKES: [what: string, options: unknown, error: { name: string; message: RegExp }][] = [
      ["without a key", {}, { name: "TypeError", message: /one of secret, .* not 0$/ }],
      [
        "with a secret and a key",
        { secret: SECRET, publicKey: RSA.publicKey },
        { name: "TypeError", message: /not 2$/ },
      ],
      [
        "with a secret of 31 bytes",
        { secret: "x".repeat(31) },
        { name: "RangeError", message: /^a secret of 31 bytes is shorter than 32$/ },
      ],
      [
        "with an empty secret, as an unset variable is",
        { secret: "" },
        { name: "RangeError", message: /^a secret of 0 bytes/ },
      ],
      [
        "with a secret for an asymmetric algorithm",
        { secret: SECRET, algorithms: ["RS256"] },
        { name: "TypeError", message: /^algorithm "RS256" is not one of HS256 for this key$/ },
      ],
      [
        "with a public key for HS256",
        { publicKey: RSA.publicKey, algorithms: ["RS256", "HS256"] },
        { name: "TypeError", message: /^algorithm "HS256" is not one of RS256, .*, Ed25519 for/ },
      ],
      [
        "with alg none",
        { publicKey: RSA.publicKey, algorithms: ["none"] },
        { name: "TypeError", message: /^algorithm "none"/ },
      ],
      [
        "with no algorithm",
        { secret: SECRET, algorithms: [] },
        { name: "TypeError", message: /at least one algorithm$/ },
      ],
      [
        "with a public key that is none",
        { publicKey: "-----BEGIN PUBLIC KEY-----" },
        { name: "TypeError", message: /^publicKey is not a public key$/ },
      ],
      [
        "with a secret in a JWK for a public key",
        { publicKey: { kty: "oct", k: "c2VjcmV0" } },
        { name: "TypeError", message: /^publicKey is not a public key$/ },
      ],
      [
        "with keys at a place that is not on the web",
        { jwksUrl: "file:///etc/passwd" },
        { name: "TypeError", message: /is neither https nor http$/ },
      ],
      ["with keys at no place", { jwksUrl: "keys" }, { name: "TypeError", message: /Invalid URL/ }],
    ];
    for (const [what, options, error] of MISTAKES) {
      it(what, () => {
        assert.throws(() => jwt(options as JwtOptions), error);
      });
    }
  });
});

const emptyFile = { alg: "HS256", kid: "../../../../dev/null" };
const injected = { alg: "HS256", kid: "' UNION SELECT 'x" };

/** Signed by the attacker, who says where the key for it is. */
function ownKeyAt(header: "jku" | "x5u"): Promise<string> {
  const place = { [header]: "https://evil.example/keys.json", kid: "evil" };
  return new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", ...place }).sign(EC.privateKey);
}

function ownCertificate(): Promise<string> {
  const x5c = [EC.publicKey.export({ type: "spki", format: "der" }).toString("base64")];
  return new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", x5c }).sign(EC.privateKey);
}

const CRITICAL = { alg: "HS256", crit: ["urn:x"], "urn:x": true };

/** Signed by the attacker, who encloses the key to verify it with. */
function ownKey(): Promise<string> {
  const jwk = EC.publicKey.export({ format: "jwk" });
  return new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", jwk }).sign(EC.privateKey);
}

/** A time that JSON can write and no number can hold. */
function overflow(): string {
  const header = Buffer.from(JSON.stringify({ alg: "HS256" })).toString("base64url");
  const text = JSON.stringify({ ...CLAIMS, exp: 1 }).replace('"exp":1', '"exp":1e999');
  const claims = Buffer.from(text).toString("base64url");
  const signature = createHmac("sha256", SECRET).update(`${header}.${claims}`).digest("base64url");
  return `${header}.${claims}.${signature}`;
}
