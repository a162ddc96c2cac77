import assert from "node:assert/strict";
import {
  checkIdentity,
  TokenAuthenticator,
  type TokenVerifier,
} from "../../../../server/auth/authenticator.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { MAX_TOKEN_LENGTH } from "../../../../shared/limits.ts";
import type { Identity } from "../../../../shared/protocol/hello.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const NOW = 1_700_000_000_000;

function authenticatorOf(verify: TokenVerifier["verify"]): TokenAuthenticator {
  return new TokenAuthenticator({ verify }, new FakeClock(NOW));
}

describe("TokenAuthenticator", () => {
  it("lets in whom the verifier knows, without a token of ours", async () => {
    const authenticator = authenticatorOf((token) => ({ id: `id of ${token}`, name: "Ada" }));
    const { user, token } = await authenticator.authenticate("t");
    assert.deepEqual(user, { id: "id of t", name: "Ada" });
    assert.equal(token, undefined);
  });

  it("waits for a verifier that answers later", async () => {
    const authenticator = authenticatorOf(() => Promise.resolve({ id: "1", name: "Ada" }));
    assert.deepEqual(await authenticator.authenticate("t"), { user: { id: "1", name: "Ada" } });
  });

  it("refuses everybody without a token, and does not ask the verifier", async () => {
    const authenticator = authenticatorOf(() => assert.fail("asked"));
    await assert.rejects(authenticator.authenticate(undefined), {
      code: "auth-failed",
      message: "a token is required",
    });
  });

  const NOBODY: [how: string, verify: TokenVerifier["verify"]][] = [
    ["returns undefined", () => undefined],
    ["returns null, as untyped code does", () => null as unknown as undefined],
    ["resolves with nothing", () => Promise.resolve(undefined)],
    [
      "throws",
      () => {
        throw new Error("bad signature");
      },
    ],
    ["rejects", () => Promise.reject(new Error("bad signature"))],
    ["returns true instead of a user", () => true as unknown as Identity],
    ["returns a user without an id", () => ({ name: "Ada" }) as Identity],
  ];
  for (const [how, verify] of NOBODY) {
    it(`refuses as auth-failed when the verifier ${how}`, async () => {
      const refused = authenticatorOf(verify).authenticate("t");
      await assert.rejects(refused, { name: "SyncError", code: "auth-failed" });
    });
  }
});

describe("TokenAuthenticator, of a token that expires,", () => {
  it("says when, apart from the user", async () => {
    const verified = { id: "1", name: "Ada", expiresAt: NOW + 1 };
    assert.deepEqual(await authenticatorOf(() => verified).authenticate("t"), {
      user: { id: "1", name: "Ada" },
      expiresAt: NOW + 1,
    });
  });

  const EXPIRED: unknown[] = [NOW, NOW - 1, 0, -Infinity, Number.NaN, null, "never", {}];
  for (const expiresAt of EXPIRED) {
    it(`refuses it as auth-failed at ${String(expiresAt)}`, async () => {
      const verified = { id: "1", name: "Ada", expiresAt: expiresAt as number };
      await assert.rejects(authenticatorOf(() => verified).authenticate("t"), {
        code: "auth-failed",
        message: "the token has expired",
      });
    });
  }
});

describe("TokenAuthenticator, of a token that it cannot judge,", () => {
  it("passes on what the verifier says in a SyncError", async () => {
    const error = new SyncError("unreachable", "the issuer's keys cannot be fetched");
    const refused = authenticatorOf(() => Promise.reject(error)).authenticate("t");
    await assert.rejects(refused, (reason) => reason === error);
  });

  it("refuses one that is too long, and does not ask the verifier", async () => {
    const authenticator = authenticatorOf(() => assert.fail("asked"));
    await assert.rejects(authenticator.authenticate("x".repeat(MAX_TOKEN_LENGTH + 1)), {
      code: "auth-failed",
      message: "a token of 8193 characters exceeds 8192",
    });
    const accepted = authenticatorOf(() => ({ id: "1", name: "Ada" }));
    await accepted.authenticate("x".repeat(MAX_TOKEN_LENGTH));
  });
});

describe("checkIdentity", () => {
  it("composes and trims the name", () => {
    const user = { id: "1", name: "  Zoe\u0308 " };
    assert.deepEqual(checkIdentity(user), { id: "1", name: "Zo\u00EB" });
  });

  it("keeps the role, and nothing else that the verifier put there", () => {
    const user = { id: "1", name: "Ada", role: "moderator", password: "secret" };
    assert.deepEqual(checkIdentity(user), { id: "1", name: "Ada", role: "moderator" });
  });

  const UNUSABLE = [
    { id: "", name: "Ada" },
    { id: 7, name: "Ada" },
    { id: "x".repeat(257), name: "Ada" },
    { id: "1", name: "" },
    { id: "1", name: "x".repeat(33) },
    { id: "1" },
    { id: "1", name: "a\nb" },
  ];
  for (const user of UNUSABLE) {
    it(`refuses ${JSON.stringify(user).slice(0, 60)} as auth-failed`, () => {
      assert.throws(() => checkIdentity(user as Identity), { code: "auth-failed" });
    });
  }
});
