import assert from "node:assert/strict";
import { silentLogger } from "../../server/logger.ts";
import type { StoreOptions } from "../../server/persistence/store-options.ts";
import type {
  HistoryPosition,
  Store,
  StoredMessage,
  TopicRecord,
} from "../../server/persistence/store.ts";
import { STORE_SWEEP_INTERVAL_MS } from "../../shared/limits.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** One store under test, and what the contract needs to act on it from outside. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Makes every write from now on fail, or succeed again. */
  failWrites(isFailing: boolean): void;
}

export const NOW = 1_700_000_000_000;
const MAX_MESSAGES = 20;
const MAX_AGE_MS = 60_000;

/** A message whose id, payload and time follow from its offset, but for what a test changes. */
export function messageOf(offset: number, changes: Partial<StoredMessage> = {}): StoredMessage {
  return {
    topic: "chat/general",
    id: `id-${offset}`,
    offset,
    event: "message",
    data: `{"text":"message ${offset}"}`,
    userId: "ada",
    sessionId: "session-1",
    createdAt: NOW + offset,
    editedAt: undefined,
    deletedAt: undefined,
    ...changes,
  };
}

export function recordOf(offset: number, changes: Partial<TopicRecord> = {}): TopicRecord {
  return { epoch: "epoch-1", offset, isComplete: true, ...changes };
}

export function saveOf(store: Store, message: StoredMessage): Promise<void> {
  return store.saveMessage(message, recordOf(message.offset));
}

/** The offsets of a topic's messages, as the store gives them. */
export async function offsetsOf(store: Store, topic = "chat/general"): Promise<number[]> {
  return (await store.loadMessages(topic, 1_000)).map(({ offset }) => offset);
}

/** Texts that a careless store would take for something else. */
const HOSTILE_TEXTS = [
  "a",
  "A",
  "a ",
  "ä",
  "a\u0308",
  "a%",
  "a_",
  "a*",
  "a/b",
  "../a",
  "a' or '1'='1",
  "a'; drop table messages; --",
  'a"',
  "a\0",
  "a\0b",
  "a\n",
  "",
  "\uFFFD",
  "😀",
  "__proto__",
  "constructor",
  "1",
  "1.0",
  "null",
  "x".repeat(10_000),
];

/** The promises of `Store`, for every implementation. Call it inside a `describe`. */
export function storeContract(
  open: (options: StoreOptions) => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  let tested: StoreUnderTest;
  let store: Store;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock(NOW);
    const bounds = { maxMessages: MAX_MESSAGES, maxAgeMs: MAX_AGE_MS };
    tested = await open({ clock, logger: silentLogger, ...bounds });
    store = tested.store;
  });
  afterEach(() => tested.store.close());

  const save = (message: StoredMessage): Promise<void> => saveOf(store, message);
  const offsets = (topic?: string): Promise<number[]> => offsetsOf(store, topic);

  it("has nothing of a topic that it has never heard of", async () => {
    assert.deepEqual(await store.loadMessages("chat/general", 10), []);
    assert.equal(await store.findMessage("chat/general", "id-1"), undefined);
    assert.equal(await store.loadTopic("chat/general"), undefined);
    assert.equal(await store.replaceMessage(messageOf(1)), false);
  });

  it("has a message and its topic's record, whole, once `saveMessage` has resolved", async () => {
    const record = recordOf(7, { epoch: "e", isComplete: false });
    await store.saveMessage(messageOf(7), record);
    assert.deepEqual(await store.loadMessages("chat/general", 10), [messageOf(7)]);
    assert.deepEqual(await store.findMessage("chat/general", "id-7"), messageOf(7));
    assert.deepEqual(await store.loadTopic("chat/general"), record);
  });

  it("keeps every field as it is, also when it is absent, edited, deleted or 1 MB", async () => {
    const messages = [
      messageOf(1, { userId: undefined, sessionId: undefined }),
      messageOf(2, { editedAt: NOW + 5 }),
      messageOf(3, { data: "null", deletedAt: NOW + 6 }),
      messageOf(4, { data: JSON.stringify("\u00E9\0\uD800 \u2028".repeat(90_000)) }),
      messageOf(5, { userId: "", sessionId: "", event: "" }),
    ];
    for (const message of messages) await save(message);
    assert.deepEqual(await store.loadMessages("chat/general", 10), messages.toReversed());
  });

  it("keeps what it was given, whatever becomes of the object afterwards", async () => {
    const message = messageOf(1);
    const record = recordOf(1);
    const saving = store.saveMessage(message, record);
    Object.assign(message, { data: '"changed"', topic: "elsewhere" });
    Object.assign(record, { epoch: "changed" });
    await saving;
    assert.deepEqual(await store.loadMessages("chat/general", 10), [messageOf(1)]);
    assert.deepEqual(await store.loadTopic("chat/general"), recordOf(1));
    assert.equal(await store.loadTopic("elsewhere"), undefined);
  });

  it("resolves asynchronously, as no caller may rely on the opposite", async () => {
    const order: string[] = [];
    const saving = save(messageOf(1)).then(() => order.push("saved"));
    order.push("called");
    await saving;
    assert.deepEqual(order, ["called", "saved"]);
  });

  describe("the record of a topic", () => {
    it("is the one saved last", async () => {
      await store.saveTopic("chat/general", recordOf(1));
      await store.saveTopic("chat/general", recordOf(2, { isComplete: false }));
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(2, { isComplete: false }));
      await save(messageOf(3));
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(3));
      await store.saveTopic("chat/general", recordOf(0, { epoch: "epoch-2" }));
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(0, { epoch: "epoch-2" }));
      assert.deepEqual(await offsets(), [3]);
    });

    it("is kept without messages for as long as messages are, and then forgotten", async () => {
      await store.saveTopic("quiet", recordOf(1));
      await store.saveTopic("loud", recordOf(1));
      clock.advanceSync(MAX_AGE_MS);
      await store.saveTopic("loud", recordOf(2));
      assert.deepEqual(await store.loadTopic("quiet"), recordOf(1));
      clock.advanceSync(STORE_SWEEP_INTERVAL_MS - MAX_AGE_MS);
      await store.saveTopic("loud", recordOf(3));
      assert.equal(await store.loadTopic("quiet"), undefined);
      assert.deepEqual(await store.loadTopic("loud"), recordOf(3));
    });

    it("is kept for as long as a message of the topic", async () => {
      await save(messageOf(1, { createdAt: NOW + STORE_SWEEP_INTERVAL_MS }));
      clock.advanceSync(STORE_SWEEP_INTERVAL_MS);
      await store.saveTopic("another", recordOf(1));
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(1));
    });
  });

  describe("the order of messages", () => {
    it("is newest first, and stops at the limit", async () => {
      for (const offset of [1, 2, 3, 4]) await save(messageOf(offset));
      const load = async (limit: number): Promise<number[]> =>
        (await store.loadMessages("chat/general", limit)).map(({ offset }) => offset);
      assert.deepEqual(await load(0), []);
      assert.deepEqual(await load(3), [4, 3, 2]);
      assert.deepEqual(await load(10), [4, 3, 2, 1]);
    });

    it("is that of the offsets among messages of one millisecond", async () => {
      for (const offset of [1, 2, 10, 9, 3]) await save(messageOf(offset, { createdAt: NOW }));
      assert.deepEqual(await offsets(), [10, 9, 3, 2, 1]);
    });

    it("is that of the times when the clock went back", async () => {
      await save(messageOf(1, { createdAt: NOW + 100 }));
      await save(messageOf(2, { createdAt: NOW + 50 }));
      await save(messageOf(3, { createdAt: NOW + 200 }));
      assert.deepEqual(await offsets(), [3, 1, 2]);
    });

    it("loses and doubles nothing between pages of any size, with equal timestamps", async () => {
      for (let offset = 1; offset <= 17; offset += 1) {
        await save(messageOf(offset, { createdAt: NOW + Math.floor(offset / 5) }));
      }
      const all = (await offsets()).toSorted((a, b) => b - a);
      for (const pageSize of [1, 2, 3, 5, 7, 17, 100]) {
        const seen: number[] = [];
        let before: HistoryPosition | undefined;
        for (;;) {
          const page = await store.loadMessages("chat/general", pageSize, before);
          if (page.length === 0) break;
          seen.push(...page.map(({ offset }) => offset));
          before = page.at(-1)!;
        }
        assert.deepEqual(seen, all);
      }
    });

    it("holds between pages while messages arrive, are edited and are deleted", async () => {
      for (const offset of [1, 2, 3, 4]) await save(messageOf(offset, { createdAt: NOW }));
      const [, last] = await store.loadMessages("chat/general", 2);
      await save(messageOf(5, { createdAt: NOW }));
      const deleted = messageOf(2, { createdAt: NOW, data: "null", deletedAt: NOW });
      await store.replaceMessage(deleted);
      const older = await store.loadMessages("chat/general", 2, last);
      assert.deepEqual(older, [deleted, messageOf(1, { createdAt: NOW })]);
    });

    it("stands before a whole millisecond at a position without an offset", async () => {
      await save(messageOf(1, { createdAt: NOW }));
      await save(messageOf(2, { createdAt: NOW + 1 }));
      await save(messageOf(3, { createdAt: NOW + 1 }));
      const older = await store.loadMessages("chat/general", 10, { createdAt: NOW + 1 });
      assert.deepEqual(older, [messageOf(1, { createdAt: NOW })]);
    });

    const POSITIONS: [at: HistoryPosition, found: number][] = [
      [{ createdAt: Number.NaN }, 0],
      [{ createdAt: -Infinity, offset: 1 }, 0],
      [{ createdAt: -1 }, 0],
      [{ createdAt: Infinity }, 2],
      [{ createdAt: Infinity, offset: Infinity }, 2],
      [{ createdAt: 1e300, offset: -1e300 }, 2],
      [{ createdAt: NOW + 1.5, offset: 0 }, 1],
      [{ createdAt: NOW + 2, offset: Number.NaN }, 1],
      [{ createdAt: NOW + 2, offset: 2.5 }, 2],
    ];
    for (const [at, found] of POSITIONS) {
      it(`has ${found} of 2 messages before ${at.createdAt}, ${at.offset}`, async () => {
        await save(messageOf(1));
        await save(messageOf(2));
        assert.equal((await store.loadMessages("chat/general", 10, at)).length, found);
      });
    }

    for (const limit of [-1, 1.5, Number.NaN, Infinity]) {
      it(`refuses a limit of ${limit}`, async () => {
        await assert.rejects(store.loadMessages("chat/general", limit), {
          name: "RangeError",
          message: `limit ${limit} is not a whole number of messages`,
        });
      });
    }
  });

  describe("writes at once", () => {
    it("take effect in the order of the calls", async () => {
      const count = 200;
      const saves = Array.from({ length: count }, async (_, index) => {
        await save(messageOf(index + 1, { topic: "a" }));
        // What resolves first was saved first.
        assert.equal((await store.loadTopic("a"))!.offset >= index + 1, true);
      });
      const records = Array.from({ length: count }, (_, index) =>
        store.saveTopic("b", recordOf(index)),
      );
      await Promise.all([...saves, ...records]);
      assert.deepEqual(await store.loadTopic("a"), recordOf(count));
      assert.deepEqual(await store.loadTopic("b"), recordOf(count - 1));
      assert.deepEqual(
        await offsets("a"),
        Array.from({ length: 20 }, (_, index) => 200 - index),
      );
    });

    it("let a message be replaced that is being saved", async () => {
      const edited = messageOf(1, { data: '"edited"', editedAt: NOW });
      const [, isReplaced] = await Promise.all([save(messageOf(1)), store.replaceMessage(edited)]);
      assert.equal(isReplaced, true);
      assert.deepEqual(await store.findMessage("chat/general", "id-1"), edited);
    });

    it("resolve in the order of the calls", async () => {
      const ended: number[] = [];
      const saves = [1, 2, 3].map((each) => save(messageOf(each)).then(() => ended.push(each)));
      await Promise.all(saves);
      assert.deepEqual(ended, [1, 2, 3]);
    });
  });

  describe("replaceMessage", () => {
    it("replaces that message and no other", async () => {
      await save(messageOf(1));
      await save(messageOf(2));
      await save(messageOf(1, { topic: "chat/other" }));
      const deleted = messageOf(1, { data: "null", deletedAt: NOW + 9 });
      assert.equal(await store.replaceMessage(deleted), true);
      assert.deepEqual(await store.loadMessages("chat/general", 10), [messageOf(2), deleted]);
      const [other] = await store.loadMessages("chat/other", 10);
      assert.deepEqual(other, messageOf(1, { topic: "chat/other" }));
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(2));
    });

    it("does not bring back what is not there", async () => {
      await save(messageOf(1));
      assert.equal(await store.replaceMessage(messageOf(2)), false);
      assert.equal(await store.replaceMessage(messageOf(1, { topic: "chat" })), false);
      assert.deepEqual(await offsets(), [1]);
    });
  });

  it("refuses a second message of one id, and keeps the first and the record", async () => {
    await save(messageOf(1));
    await assert.rejects(save(messageOf(2, { id: "id-1", userId: "mallory" })), {
      code: "not-allowed",
      message: 'message "id-1" of channel "chat/general" is stored already',
    });
    assert.deepEqual(await store.loadMessages("chat/general", 10), [messageOf(1)]);
    assert.deepEqual(await store.loadTopic("chat/general"), recordOf(1));
    const others = await Promise.allSettled([
      save(messageOf(2)),
      save(messageOf(3, { id: "id-2" })),
      save(messageOf(4)),
    ]);
    assert.deepEqual(
      others.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await offsets(), [4, 2, 1]);
  });

  describe("the bounds of a topic", () => {
    it("drop the oldest message for one too many", async () => {
      for (let offset = 1; offset <= 23; offset += 1) await save(messageOf(offset));
      assert.deepEqual(
        await offsets(),
        Array.from({ length: 20 }, (_, index) => 23 - index),
      );
      assert.equal(await store.findMessage("chat/general", "id-3"), undefined);
      assert.equal(await store.replaceMessage(messageOf(3)), false);
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(23));
    });

    it("count for each topic alone", async () => {
      await save(messageOf(1, { topic: "small" }));
      for (let offset = 1; offset <= 25; offset += 1) await save(messageOf(offset));
      assert.deepEqual(await offsets("small"), [1]);
    });

    it("take the oldest by time and offset, not the one saved first", async () => {
      for (let offset = 30; offset > 0; offset -= 1) {
        await save(messageOf(offset, { createdAt: NOW }));
      }
      assert.deepEqual(
        await offsets(),
        Array.from({ length: 20 }, (_, index) => 30 - index),
      );
    });

    it("let a message go when it is older than the age, and not before", async () => {
      await save(messageOf(1, { createdAt: NOW }));
      await save(messageOf(2, { createdAt: NOW + 1 }));
      clock.advanceSync(MAX_AGE_MS);
      assert.deepEqual(await offsets(), [2, 1]);
      clock.advanceSync(1);
      assert.deepEqual(await offsets(), [2]);
      assert.equal(await store.findMessage("chat/general", "id-1"), undefined);
      assert.equal(await store.replaceMessage(messageOf(1)), false);
      clock.advanceSync(1);
      assert.deepEqual(await offsets(), []);
      assert.deepEqual(await store.loadTopic("chat/general"), recordOf(2));
    });

    it("do not count what is too old already", async () => {
      for (let offset = 1; offset <= 20; offset += 1) await save(messageOf(offset));
      clock.advanceSync(MAX_AGE_MS + 11);
      const fresh = { createdAt: clock.now() };
      for (let offset = 21; offset <= 30; offset += 1) await save(messageOf(offset, fresh));
      assert.deepEqual(
        await offsets(),
        Array.from({ length: 20 }, (_, index) => 30 - index),
      );
    });

    it("let an id be used again when its message is gone", async () => {
      await save(messageOf(1));
      clock.advanceSync(MAX_AGE_MS * 2);
      const again = messageOf(2, { id: "id-1", createdAt: clock.now() });
      await save(again);
      assert.deepEqual(await store.loadMessages("chat/general", 10), [again]);
    });
  });

  describe("names", () => {
    it("keep topics apart that look alike", async () => {
      for (const [index, topic] of HOSTILE_TEXTS.entries()) {
        await store.saveMessage(messageOf(index, { topic }), recordOf(index));
      }
      for (const [index, topic] of HOSTILE_TEXTS.entries()) {
        assert.deepEqual(await store.loadMessages(topic, 10), [messageOf(index, { topic })]);
        assert.deepEqual(await store.loadTopic(topic), recordOf(index));
      }
    });

    it("keep messages apart whose ids, events and users look alike", async () => {
      for (const [index, text] of HOSTILE_TEXTS.entries()) {
        const message = messageOf(index, { id: text, event: text, userId: text, sessionId: text });
        await save({ ...message, topic: `topic-${index % 2}` });
      }
      for (const [index, id] of HOSTILE_TEXTS.entries()) {
        const found = await store.findMessage(`topic-${index % 2}`, id);
        assert.deepEqual([found?.offset, found?.event, found?.userId], [index, id, id]);
        assert.equal(await store.findMessage(`topic-${(index + 1) % 2}`, id), undefined);
      }
    });

    it("are refused with half of a character in them, which no file could keep", async () => {
      const half = "a\uD800";
      const refused = {
        code: "payload-invalid",
        message: /^"a\\ud800" holds half of a character$/,
      };
      for (const name of ["topic", "id", "event", "data", "userId", "sessionId"]) {
        await assert.rejects(save(messageOf(1, { [name]: half })), refused);
        await assert.rejects(store.replaceMessage(messageOf(1, { [name]: half })), refused);
      }
      await assert.rejects(store.saveTopic(half, recordOf(1)), refused);
      await assert.rejects(store.loadTopic(half), refused);
      await assert.rejects(store.loadMessages(half, 1), refused);
      await assert.rejects(store.findMessage(half, "x"), refused);
      await assert.rejects(store.findMessage("x", half), refused);
      assert.deepEqual(await offsets(), []);
    });
  });

  it("has changed nothing when a write rejects, and takes the next one", async () => {
    await save(messageOf(1));
    tested.failWrites(true);
    await assert.rejects(save(messageOf(2)));
    await assert.rejects(store.replaceMessage(messageOf(1, { data: '"edited"' })));
    await assert.rejects(store.saveTopic("chat/general", recordOf(9)));
    await assert.rejects(store.saveTopic("chat/new", recordOf(9)));
    assert.deepEqual(await store.loadMessages("chat/general", 10), [messageOf(1)]);
    assert.deepEqual(await store.loadTopic("chat/general"), recordOf(1));
    assert.equal(await store.loadTopic("chat/new"), undefined);
    tested.failWrites(false);
    await save(messageOf(2));
    assert.deepEqual(await offsets(), [2, 1]);
  });

  describe("close", () => {
    it("waits for the writes before it", async () => {
      const order: string[] = [];
      const writes = [
        save(messageOf(1)).then(() => order.push("saved")),
        store.saveTopic("b", recordOf(1)).then(() => order.push("saved")),
        store.close().then(() => order.push("closed")),
      ];
      await Promise.all(writes);
      assert.deepEqual(order, ["saved", "saved", "closed"]);
    });

    it("refuses everything afterwards, from the moment of the call", async () => {
      const closing = store.close();
      const calls = [
        save(messageOf(1)),
        store.replaceMessage(messageOf(1)),
        store.saveTopic("a", recordOf(1)),
        store.loadTopic("a"),
        store.loadMessages("a", 1),
        store.findMessage("a", "b"),
      ];
      for (const call of calls) await assert.rejects(call, { name: "SyncError", code: "closed" });
      await closing;
      await assert.rejects(save(messageOf(1)), { code: "closed" });
    });

    it("can be called again", async () => {
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });
  });
}
