import assert from "node:assert/strict";
import { toVerifier } from "../../../../server/patterns/patterns-auth.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

describe("toVerifier", () => {
  it("lets guests in where nothing is said, or it is not enabled", () => {
    assert.equal(toVerifier(undefined), undefined);
    assert.equal(toVerifier({ enabled: false, validateToken: () => false }), undefined);
  });

  it("leaves a verifier as it is", () => {
    const verifier = { verify: () => undefined };
    assert.equal(toVerifier(verifier), verifier);
  });

  it("takes only a yes for a yes", async () => {
    for (const answer of [false, undefined, "yes", 1]) {
      const verifier = toVerifier({ validateToken: () => answer as boolean });
      assert.equal(await verifier?.verify("token"), undefined);
    }
    const failing = toVerifier({ validateToken: () => Promise.reject(new Error("no database")) });
    await assert.rejects(async () => failing?.verify("token"), /no database/);
  });

  it("makes a user of the token's claims", async () => {
    const claims = { sub: "ada", name: "Ada", role: "moderator", exp: 1_800_000_000 };
    const verifier = toVerifier({ extractClaims: () => claims });
    const expected = { id: "ada", name: "Ada", role: "moderator", expiresAt: 1_800_000_000_000 };
    assert.deepEqual(await verifier?.verify("token"), expected);
  });

  it("knows users without claims by their token, without telling it", async () => {
    const verifier = toVerifier({ validateToken: () => true });
    const [one, same, other] = await Promise.all(
      ["one-token", "one-token", "another-token"].map(async (token) => verifier?.verify(token)),
    );
    assert.deepEqual(one, same);
    assert.notEqual(one?.id, other?.id);
    assert.doesNotMatch(JSON.stringify([one, other]), /one-token|another-token/);
    assert.equal(one?.name, "User");
  });

  it("refuses to look at tokens without being told how", async () => {
    for (const auth of [{}, { enabled: true }]) {
      assert.equal((await refusalOf(() => toVerifier(auth))).code, "options-invalid");
    }
  });
});
