import assert from "node:assert/strict";
import { GuestToken, type TokenStorage } from "../../../../client/connection/guest-token.ts";
import { FakeClient } from "../../../support/fake-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";

class MemoryStorage implements TokenStorage {
  readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}

const KEY = "atrium-guest@game.test:2567";

/** What a browser with blocked cookies does. */
const brokenStorage: TokenStorage = {
  getItem: () => {
    throw new DOMException("denied", "SecurityError");
  },
  setItem: () => {
    throw new DOMException("denied", "QuotaExceededError");
  },
  removeItem: () => {
    throw new DOMException("denied", "SecurityError");
  },
};

describe("GuestToken", () => {
  it("prefers the application's token to a kept one, and never stores it", () => {
    const storage = new MemoryStorage();
    storage.setItem(KEY, "kept");
    const token = new GuestToken("given", storage, KEY);
    assert.equal(token.value, "given");
    token.use("another");
    assert.equal(storage.getItem(KEY), "kept");
  });

  it("lives with a storage that throws", () => {
    const token = new GuestToken(undefined, brokenStorage, KEY);
    assert.equal(token.value, undefined);
    token.keep("issued");
    assert.equal(token.value, "issued");
    assert.equal(token.forget(), false);
  });

  it("forgets only a token of an earlier visit that was not accepted since", () => {
    const storage = new MemoryStorage();
    storage.setItem(KEY, "kept");
    const accepted = new GuestToken(undefined, storage, KEY);
    accepted.accepted();
    assert.equal(accepted.forget(), false);
    const untried = new GuestToken(undefined, storage, KEY);
    assert.equal(untried.forget(), true);
    assert.equal(untried.value, undefined);
    assert.equal(storage.getItem(KEY), null);
    assert.equal(untried.forget(), false);
  });
});

describe("A guest", () => {
  it("is the same one at the next visit", async () => {
    const storage = new MemoryStorage();
    const first = new FakeClient({ storage });
    await first.join();
    assert.equal(storage.getItem(KEY), "guest-token-1");
    const second = new FakeClient({ storage });
    await second.join();
    assert.equal(second.server.asked[0]?.token, "guest-token-1");
  });

  it("is one for two pages that are opened at once: that of the faster", async () => {
    const storage = new MemoryStorage();
    const slower = new FakeClient({ storage });
    slower.server.intercept = () => {
      slower.server.intercept = undefined;
      storage.setItem(KEY, "token-of-the-faster");
      return undefined;
    };
    await slower.join();
    assert.deepEqual(
      slower.server.asked.map(({ token }) => token),
      [undefined, "token-of-the-faster"],
    );
    assert.equal(storage.getItem(KEY), "token-of-the-faster");
  });

  it("is the one that another page has become since this one was opened", async () => {
    const storage = new MemoryStorage();
    const first = new FakeClient({ storage });
    const second = new FakeClient({ storage });
    await first.join();
    await second.join();
    assert.deepEqual(
      second.server.asked.map(({ token }) => token),
      ["guest-token-1"],
    );
  });

  it("is a new one when the server refuses the kept token and the storage keeps it", async () => {
    const client = new FakeClient({
      storage: { getItem: () => "expired", setItem() {}, removeItem() {} },
    });
    client.server.intercept = ({ token }) =>
      token === "expired" ? refusal(401, "auth-failed") : undefined;
    await client.join();
    assert.deepEqual(
      client.server.asked.map(({ token }) => token),
      ["expired", undefined],
    );
  });

  it("is a new one when the server refuses the kept token", async () => {
    const storage = new MemoryStorage();
    storage.setItem(KEY, "expired");
    const client = new FakeClient({ storage });
    client.server.intercept = ({ token }) =>
      token === "expired" ? refusal(401, "auth-failed") : undefined;
    await client.join();
    assert.deepEqual(
      client.server.asked.map(({ token }) => token),
      ["expired", undefined],
    );
    assert.equal(storage.getItem(KEY), "guest-token-1");
  });

  it("is refused when it is the application's token that is refused", async () => {
    const client = new FakeClient({ token: "bad" });
    client.server.intercept = () => refusal(401, "auth-failed");
    await assert.rejects(client.startJoin(), { code: "auth-failed" });
    assert.equal(client.server.asked.length, 1);
  });

  it("is not made twice when the first attempt fails", async () => {
    const client = new FakeClient();
    client.server.intercept = () => {
      client.server.intercept = undefined;
      return { status: 503, body: "" };
    };
    const results = await Promise.allSettled([
      client.startJoin(),
      client.startJoin(),
      client.startJoin(),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "fulfilled", "fulfilled"],
    );
    const tokens = client.server.asked.map(({ token }) => token);
    assert.deepEqual(tokens, [undefined, undefined, "guest-token-1"]);
  });

  it("joins several rooms at once on a server that makes no guests", async () => {
    const client = new FakeClient();
    client.server.issuedToken = undefined;
    await Promise.all([client.startJoin(), client.startJoin(), client.startJoin()]);
    assert.equal(client.server.asked.length, 3);
  });
});
