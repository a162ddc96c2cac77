import assert from "node:assert/strict";
import { ChannelHistory } from "../../../../server/channels/channel-history.ts";
import { ChannelLog, defaultWindow } from "../../../../server/channels/channel-log.ts";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import { SyncError } from "../../../../shared/errors.ts";
import type { StreamPosition } from "../../../../shared/events/publication.ts";
import type { WireMessage } from "../../../../shared/protocol/channel-messages.ts";
import type { Identity } from "../../../../shared/protocol/hello.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const TOPIC = "chat/general";
const ada = { id: "ada", name: "Ada" };
const bob = { id: "bob", name: "Bob" };
const moderator = { id: "mod", name: "Mod", role: "moderator" };

describe("ChannelHistory", () => {
  let clock: FakeClock;
  let store: MemoryStore;
  let history: ChannelHistory;
  let log: ChannelLog;
  let placed: number;

  beforeEach(async () => {
    clock = new FakeClock();
    store = new MemoryStore({ clock });
    placed = 0;
    await restart();
  });

  /** What a process finds that opens the topic next. */
  async function restart(): Promise<void> {
    const newLog = (position?: StreamPosition): ChannelLog =>
      new ChannelLog(clock, defaultWindow, position);
    history = new ChannelHistory(store, TOPIC, newLog);
    log = await history.openLog();
  }

  async function persist(id: string, data: unknown = id, userId = "ada"): Promise<void> {
    const text = JSON.stringify(data);
    const publication = { id, event: "message", data: text, userId, timestamp: clock.now() };
    const { epoch, offset } = log.position;
    await history.save({ ...publication, offset: offset + 1 }, epoch);
    log.append(publication, text.length);
  }

  /** Edits, or with undefined deletes; `placed` counts what subscribers would be told. */
  async function revise(user: Identity, id: string, data: unknown): Promise<WireMessage> {
    const text = data === undefined ? undefined : JSON.stringify(data);
    return history.revise(user, id, text, log, (revised) => {
      placed += 1;
      log.revise(revised);
    });
  }

  async function pass(id: string): Promise<void> {
    await history.allowUnsaved(log);
    log.append({ id, event: "message", data: `"${id}"`, timestamp: clock.now() }, 1);
  }

  function idsOf(messages: readonly WireMessage[]): string[] {
    return messages.map(({ id }) => id);
  }

  describe("load", () => {
    it("gives stored messages newest first, in the form of the seeds", async () => {
      await persist("a", { text: "hi" });
      await clock.advance(5);
      await persist("b", { text: "ho" }, "bob");
      const [newest, oldest, ...others] = await history.load();
      assert.deepEqual(others, []);
      assert.deepEqual(newest, {
        id: "b",
        room_id: TOPIC,
        user_id: "bob",
        event: "message",
        data: '{"text":"ho"}',
        created_at: clock.now(),
        cursor: newest?.cursor,
      });
      assert.equal(oldest?.id, "a");
    });

    it("gives 50 unless it is told otherwise, and up to 200", async () => {
      for (let i = 1; i <= 205; i += 1) await persist(`m${i}`);
      assert.equal((await history.load()).length, 50);
      assert.equal((await history.load(200)).length, 200);
      assert.deepEqual(idsOf(await history.load(1)), ["m205"]);
    });

    it("refuses a limit that is not 1 to 200, and a cursor that is none", async () => {
      const limits: unknown[] = [0, -1, 201, 1.5, NaN, Infinity, "50", null, { toString: 1 }];
      for (const limit of limits) {
        const { code } = await refusalOf(() => history.load(limit as number));
        assert.equal(code, "payload-invalid");
      }
      assert.equal((await refusalOf(() => history.load(50, "x"))).code, "payload-invalid");
    });

    it("pages through messages of one millisecond without losing or doubling any", async () => {
      for (let i = 1; i <= 10; i += 1) await persist(`m${i}`);
      const seen: string[] = [];
      let page = await history.load(3);
      while (page.length > 0) {
        seen.push(...idsOf(page));
        page = await history.load(3, page.at(-1)!.cursor);
      }
      assert.deepEqual(seen, ["m10", "m9", "m8", "m7", "m6", "m5", "m4", "m3", "m2", "m1"]);
    });

    it("keeps a cursor's place while newer messages come", async () => {
      for (const id of ["a", "b", "c", "d"]) await persist(id);
      const [, last] = await history.load(2);
      await persist("e");
      assert.deepEqual(idsOf(await history.load(2, last!.cursor)), ["b", "a"]);
    });

    it("takes a created_at for everything that is older", async () => {
      await persist("a");
      await clock.advance(1);
      await persist("b");
      await persist("c");
      assert.deepEqual(idsOf(await history.load(50, clock.now())), ["a"]);
    });
  });

  describe("revise", () => {
    beforeEach(() => persist("a", { text: "hi" }));

    it("lets the author edit, and shows the result with the time of it", async () => {
      await clock.advance(500);
      const revised = await revise(ada, "a", { text: "ho" });
      assert.equal(revised.data, '{"text":"ho"}');
      assert.equal(revised.edited_at, clock.now());
      assert.equal(revised.created_at, clock.now() - 500);
      assert.deepEqual(await history.load(), [revised]);
    });

    it("lets a moderator edit and delete what somebody else said", async () => {
      const edited = await revise(moderator, "a", "[removed]");
      assert.equal(edited.user_id, "ada");
      const deleted = await revise(moderator, "a", undefined);
      assert.equal(deleted.data, "null");
      assert.equal(deleted.deleted_at, clock.now());
      assert.deepEqual(await history.load(), [deleted]);
      assert.equal((await store.findMessage(TOPIC, "a"))?.data, "null");
    });

    it("refuses everybody else as if there were no such message", async () => {
      const another = await refusalOf(() => revise(bob, "a", 1));
      const none = await refusalOf(() => revise(ada, "b", 1));
      assert.equal(another.code, "not-found");
      assert.equal(another.message.replace('"a"', '"b"'), none.message);
      const [message] = await history.load();
      assert.equal(message?.data, '{"text":"hi"}');
    });

    it("refuses to edit what was deleted, and deletes it again with the same answer", async () => {
      const deleted = await revise(ada, "a", undefined);
      assert.equal((await refusalOf(() => revise(ada, "a", 1))).code, "not-found");
      clock.advanceSync(1_000);
      assert.deepEqual(await revise(ada, "a", undefined), deleted);
    });

    it("tells subscribers once of what is asked for twice, also with a cut in between", async () => {
      const edited = await revise(ada, "a", { text: "ho" });
      clock.advanceSync(1_000);
      assert.deepEqual(await revise(ada, "a", { text: "ho" }), edited);
      assert.equal(placed, 1);
      await revise(ada, "a", undefined);
      await revise(moderator, "a", undefined);
      assert.equal(placed, 2);
      assert.equal(log.position.offset, 3);
    });

    it("changes nothing when the store does not keep it", async () => {
      store.intercept(() => Promise.reject(new SyncError("store-unavailable", "disk full")));
      assert.equal((await refusalOf(() => revise(ada, "a", 1))).code, "store-unavailable");
      assert.equal(placed, 0);
      assert.equal(log.position.offset, 1);
    });

    it("finds no message of nobody: the server's own are for moderators", async () => {
      const publication = { id: "s", event: "message", data: "1", timestamp: clock.now() };
      const { epoch, offset } = log.position;
      await history.save({ ...publication, offset: offset + 1 }, epoch);
      assert.equal((await refusalOf(() => revise(ada, "s", 2))).code, "not-found");
      assert.equal((await revise(moderator, "s", 2)).user_id, "");
    });
  });

  describe("the order of a topic", () => {
    it("goes on in its epoch after a restart, with what was stored to replay", async () => {
      await persist("a");
      await persist("b");
      const { epoch } = log.position;
      await restart();
      assert.deepEqual(log.position, { epoch, offset: 2 });
      const { recovered, publications } = log.since({ epoch, offset: 0 });
      assert.ok(recovered);
      assert.deepEqual(publications, [
        {
          id: "a",
          offset: 1,
          event: "message",
          data: '"a"',
          timestamp: clock.now(),
          userId: "ada",
        },
        {
          id: "b",
          offset: 2,
          event: "message",
          data: '"b"',
          timestamp: clock.now(),
          userId: "ada",
        },
      ]);
      assert.equal(log.receiptOf("a")?.offset, 1);
    });

    it("goes on behind what was not stored when the topic was settled", async () => {
      await persist("a");
      await pass("b");
      await persist("c");
      await pass("d");
      const { position } = log;
      await history.settle(log);
      await restart();
      assert.deepEqual(log.position, position);
      assert.equal(log.since({ ...position, offset: 3 }).recovered, false);
      assert.equal(log.since(position).recovered, true);
    });

    it("replays only what follows the last publication that was not stored", async () => {
      await persist("a");
      await pass("b");
      await persist("c");
      await persist("d");
      await restart();
      const { epoch } = log.position;
      assert.equal(log.since({ epoch, offset: 1 }).recovered, false);
      const { recovered, publications } = log.since({ epoch, offset: 2 });
      assert.ok(recovered);
      assert.deepEqual(
        publications.map(({ id }) => id),
        ["c", "d"],
      );
    });

    it("begins a new epoch when something unstored may have followed: the process was killed", async () => {
      await persist("a");
      await pass("b");
      const { epoch } = log.position;
      await restart();
      assert.notEqual(log.position.epoch, epoch);
      assert.equal(log.position.offset, 0);
      assert.deepEqual(idsOf(await history.load()), ["a"]);
    });

    it("notices what follows unstored after a restart as well", async () => {
      await persist("a");
      const { epoch } = log.position;
      await restart();
      assert.equal(log.position.epoch, epoch);
      await pass("b");
      await restart();
      assert.notEqual(log.position.epoch, epoch);
    });

    it("can be settled and go on: what follows unstored is noticed again", async () => {
      await persist("a");
      await pass("b");
      await history.settle(log);
      await pass("c");
      const { epoch } = log.position;
      await restart();
      assert.notEqual(log.position.epoch, epoch);
    });

    it("is not written down where nothing was ever stored", async () => {
      await pass("a");
      await history.settle(log);
      assert.equal(await store.loadTopic(TOPIC), undefined);
    });

    it("shows no publication before the store knows that it may be missing something", async () => {
      await persist("a");
      store.intercept(() => Promise.reject(new SyncError("store-unavailable", "disk full")));
      assert.equal((await refusalOf(() => pass("b"))).code, "store-unavailable");
      assert.equal(log.position.offset, 1);
      assert.equal(history.isComplete, true);
    });

    it("goes on after a restart behind what was revised, and replays what followed that", async () => {
      for (const id of ["a", "b"]) await persist(id);
      await revise(ada, "a", "better");
      const { position } = log;
      await restart();
      assert.deepEqual(log.position, { ...position, offset: 3 });
      assert.equal(log.since(position).recovered, true);
      assert.equal(log.since({ ...position, offset: 2 }).recovered, false);
      await persist("c");
      await restart();
      assert.deepEqual(
        log.since(position).publications.map(({ offset, data }) => [offset, data]),
        [[4, '"c"']],
      );
    });

    it("begins a new epoch when a revision may have been told to nobody: the process was killed", async () => {
      await persist("a");
      const { epoch } = log.position;
      let writes = 0;
      store.intercept(() => {
        writes += 1;
        return writes === 1 ? Promise.resolve() : Promise.reject(new Error("killed"));
      });
      await assert.rejects(revise(ada, "a", "better"));
      await restart();
      assert.notEqual(log.position.epoch, epoch);
    });

    it("forgets after a restart what is older than the window", async () => {
      await persist("a");
      await clock.advance(120_001);
      await persist("b");
      await restart();
      assert.equal(log.since({ ...log.position, offset: 0 }).recovered, false);
      assert.equal(log.since({ ...log.position, offset: 1 }).recovered, true);
    });
  });
});
