import assert from "node:assert/strict";
import { z } from "zod";
import { ChannelHub, type PublishedMessage } from "../../../../server/channels/channel-hub.ts";
import {
  ChannelAuthority,
  type ChannelPolicy,
} from "../../../../server/channels/channel-policy.ts";
import type { Draft } from "../../../../server/channels/draft.ts";
import { sealPayload } from "../../../../server/channels/payload.ts";
import { toLimits } from "../../../../server/limits/server-limits.ts";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedSubscriber } from "../../../support/recorded-subscriber.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const TOPIC = "chat/general";
const ada = { user: { id: "ada", name: "Ada" } };
const bob = { user: { id: "bob", name: "Bob" } };
const broken = () => Promise.reject(new SyncError("store-unavailable", "disk full"));

describe("ChannelHub", () => {
  let clock: FakeClock;
  let store: MemoryStore;
  let hub: ChannelHub;
  let listener: RecordedSubscriber;

  beforeEach(async () => {
    clock = new FakeClock();
    store = new MemoryStore({ clock });
    await open([{ pattern: "**", publish: true }]);
  });

  async function open(policies: readonly ChannelPolicy[]): Promise<void> {
    hub = new ChannelHub(new ChannelAuthority(policies), store, clock);
    listener = new RecordedSubscriber("listener");
    (await hub.open(TOPIC)).subscribe(listener);
  }

  function draft(data: unknown, more: Partial<Draft> = {}): Draft {
    return { topic: TOPIC, event: "message", data, ...more };
  }

  function heard(): unknown[] {
    return listener.publications.map(({ data }) => data);
  }

  describe("publish", () => {
    it("stamps what is published, and answers with its place", async () => {
      const receipt = await hub.publish(ada, draft({ text: "hi" }, { sessionId: "ada-1" }));
      assert.deepEqual(receipt, { id: receipt.id, offset: 1, timestamp: clock.now() });
      assert.deepEqual(listener.publications, [
        {
          id: receipt.id,
          offset: 1,
          event: "message",
          data: { text: "hi" },
          userId: "ada",
          sessionId: "ada-1",
          timestamp: clock.now(),
        },
      ]);
    });

    it("names no user where the server's own code publishes", async () => {
      await hub.publish("server", draft("hi", { id: "order-42" }));
      const [publication] = listener.publications;
      assert.equal(publication?.id, "order-42");
      assert.ok(!("userId" in publication));
    });

    it("publishes what it was given, whatever becomes of that object", async () => {
      const score = { value: 1 };
      const receipt = hub.publish("server", draft(score));
      score.value = 2;
      await receipt;
      assert.deepEqual(heard(), [{ value: 1 }]);
      const { log } = await hub.open(TOPIC);
      const { publications } = log.since({ ...log.position, offset: 0 });
      assert.equal(publications[0]?.data, '{"value":1}');
    });

    it("publishes what a schema returns", async () => {
      await open([{ pattern: "**", publish: { message: z.string().trim() } }]);
      await hub.publish(ada, draft(" hi "));
      assert.deepEqual(heard(), ["hi"]);
    });

    it("refuses a payload that only a schema made unfit", async () => {
      const toDate = z.string().transform((text) => new Date(text));
      await open([{ pattern: "**", publish: { message: toDate } }]);
      const { code } = await refusalOf(() => hub.publish(ada, draft("2026-11-22")));
      assert.equal(code, "payload-invalid");
    });

    it("refuses what is not allowed, no name, or no payload, and nobody hears of it", async () => {
      await open([{ pattern: "chat/*", publish: { message: true } }]);
      const refused: [Draft, string][] = [
        [draft(1, { topic: "news" }), "not-allowed"],
        [draft(1, { event: "shout" }), "not-allowed"],
        [draft(1, { event: "presence:join" }), "payload-invalid"],
        [draft(1, { topic: "chat/*" }), "topic-invalid"],
        [draft(1, { id: "" }), "payload-invalid"],
        [draft(undefined), "payload-invalid"],
        [draft(NaN), "payload-invalid"],
        [draft(1n), "payload-invalid"],
        [draft("a".repeat(1_048_575)), "payload-too-large"],
        [draft(1, { persist: true, volatile: true }), "payload-invalid"],
      ];
      for (const [each, code] of refused) {
        assert.equal((await refusalOf(() => hub.publish(ada, each))).code, code);
      }
      assert.deepEqual(heard(), []);
      assert.equal((await hub.publish(ada, draft("fit"))).offset, 1);
    });

    it("tells server code of every publication once", async () => {
      const published: PublishedMessage[] = [];
      hub.published.on((message) => published.push(message));
      await hub.publish(ada, draft(1, { id: "key" }));
      await hub.publish(ada, draft(1, { id: "key" }));
      await hub.publish("server", draft(2, { volatile: true }));
      assert.deepEqual(
        published.map(({ channel, data, userId }) => [channel, data, userId]),
        [
          [TOPIC, 1, "ada"],
          [TOPIC, 2, undefined],
        ],
      );
    });

    it("gives volatile publications no offset, no window and no store", async () => {
      const { id, ...receipt } = await hub.publish(ada, draft("typing", { volatile: true }));
      assert.deepEqual(receipt, { timestamp: clock.now() });
      assert.ok(!("offset" in listener.publications[0]!));
      assert.equal(listener.publications[0]?.id, id);
      assert.equal((await hub.publish(ada, draft("said"))).offset, 1);
      assert.deepEqual(await hub.getHistory(TOPIC), []);
      const { log } = await hub.open(TOPIC);
      assert.equal(log.since({ ...log.position, offset: 0 }).publications.length, 1);
    });

    it("does with an event what its rule says, whatever the client asks for", async () => {
      const publish = { message: { persist: true }, typing: { volatile: true } };
      const never = { note: { persist: false }, fact: { volatile: false } };
      await open([{ pattern: "**", publish: { ...publish, ...never } }]);
      const offsetOf = async (event: string, more: Partial<Draft>): Promise<number | undefined> =>
        (await hub.publish(ada, draft(event, { event, ...more }))).offset;
      assert.equal(await offsetOf("message", { persist: false, volatile: true }), 1);
      assert.equal(await offsetOf("typing", { persist: true }), undefined);
      assert.equal(await offsetOf("note", { persist: true }), 2);
      assert.equal(await offsetOf("fact", { volatile: true }), 3);
      const stored = await hub.getHistory(TOPIC);
      assert.deepEqual(
        stored.map(({ event }) => event),
        ["message"],
      );
    });

    it("leaves out the session that asked for no echo, and nobody else", async () => {
      const channel = await hub.open(TOPIC);
      const [own, other] = [new RecordedSubscriber("ada", "ada-1"), new RecordedSubscriber("bob")];
      for (const subscriber of [own, other]) channel.subscribe(subscriber);
      await hub.publish(ada, draft("hi", { echo: false, sessionId: "ada-1" }));
      assert.equal(own.frames.length, 0);
      assert.equal(other.frames.length, 1);
    });

    it("matches names exactly: none hears what is for a longer or shorter one", async () => {
      for (const topic of ["general", "chat/general/x", "xchat/general", "chat/generals"]) {
        await hub.publish("server", draft(topic, { topic }));
      }
      assert.deepEqual(heard(), []);
    });

    it("takes __proto__ and constructor for names like others", async () => {
      for (const topic of ["__proto__", "constructor", "toString"]) {
        const subscriber = new RecordedSubscriber("ada");
        (await hub.open(topic)).subscribe(subscriber);
        assert.equal((await hub.publish(ada, draft(topic, { topic, persist: true }))).offset, 1);
        assert.equal(subscriber.publications.length, 1);
        assert.equal((await hub.getHistory(topic)).length, 1);
      }
    });
  });

  describe("publishing under a key", () => {
    it("publishes once, and answers the second time as the first", async () => {
      const first = await hub.publish(ada, draft("hi", { id: "key" }));
      await clock.advance(5_000);
      assert.deepEqual(await hub.publish(ada, draft("hi", { id: "key" })), first);
      assert.deepEqual(heard(), ["hi"]);
      assert.equal((await hub.publish(ada, draft("ho", { id: "another" }))).offset, 2);
    });

    it("publishes once also while the first is still being stored", async () => {
      const gate = Promise.withResolvers<void>();
      store.intercept(() => gate.promise);
      const again = { id: "key", persist: true };
      const receipts = [1, 2, 3].map(() => hub.publish(ada, draft("hi", again)));
      gate.resolve();
      const [first, ...others] = await Promise.all(receipts);
      for (const other of others) assert.deepEqual(other, first);
      assert.deepEqual(heard(), ["hi"]);
      assert.equal((await hub.getHistory(TOPIC)).length, 1);
    });

    it("tries again when the first could not be stored", async () => {
      store.intercept(broken);
      const again = draft("hi", { id: "key", persist: true });
      const { code } = await refusalOf(() => hub.publish(ada, again));
      assert.equal(code, "store-unavailable");
      store.intercept(() => Promise.resolve());
      assert.equal((await hub.publish(ada, again)).offset, 1);
      assert.deepEqual(heard(), ["hi"]);
    });

    it("keeps the keys of users apart: nobody can publish in another's place", async () => {
      const stored = { id: "key", persist: true };
      const theirs = await hub.publish(bob, draft("bob's", stored));
      const own = await hub.publish(ada, draft("ada's", stored));
      assert.notEqual(own.id, theirs.id);
      assert.equal(own.offset, 2);
      assert.deepEqual(heard(), ["bob's", "ada's"]);
    });

    it("forgets a key with the window, and a stored one only with its message", async () => {
      await hub.publish(ada, draft("said", { id: "key-1" }));
      const stored = await hub.publish(ada, draft("stored", { id: "key-2", persist: true }));
      await clock.advance(120_001);
      assert.equal((await hub.publish(ada, draft("said", { id: "key-1" }))).offset, 3);
      const again = await hub.publish(ada, draft("stored", { id: "key-2", persist: true }));
      assert.deepEqual(again, stored);
      assert.deepEqual(heard(), ["said", "stored", "said"]);
    });

    it("knows a stored key again after a restart: nothing is published twice", async () => {
      const stored = draft("hi", { id: "key", persist: true });
      const first = await hub.publish(ada, stored);
      await open([{ pattern: "**", publish: true }]);
      assert.deepEqual(await hub.publish(ada, stored), first);
      assert.deepEqual(heard(), []);
    });
  });

  describe("the order of a topic", () => {
    it("is the order of the calls, stored or not, volatile or not", async () => {
      const gate = Promise.withResolvers<void>();
      store.intercept(() => gate.promise);
      const modes = [{ persist: true }, {}, { volatile: true }, { persist: true }, {}];
      const receipts = modes.map((mode, at) => hub.publish(ada, draft(at, mode)));
      await clock.advance(0);
      assert.deepEqual(heard(), []);
      gate.resolve();
      const offsets = (await Promise.all(receipts)).map(({ offset }) => offset);
      assert.deepEqual(offsets, [1, 2, undefined, 3, 4]);
      assert.deepEqual(heard(), [0, 1, 2, 3, 4]);
    });

    it("has no gap after a publication that could not be stored", async () => {
      await hub.publish(ada, draft("a", { persist: true }));
      store.intercept(broken);
      const refused = await refusalOf(() => hub.publish(ada, draft("b", { persist: true })));
      assert.equal(refused.code, "store-unavailable");
      store.intercept(() => Promise.resolve());
      assert.equal((await hub.publish(ada, draft("c", { persist: true }))).offset, 2);
      assert.deepEqual(heard(), ["a", "c"]);
      assert.equal((await hub.getHistory(TOPIC)).length, 2);
    });

    it("shows nobody what is not stored yet", async () => {
      const gate = Promise.withResolvers<void>();
      store.intercept(() => gate.promise);
      const receipt = hub.publish(ada, draft("hi", { persist: true }));
      await clock.advance(0);
      assert.deepEqual(heard(), []);
      const late = new RecordedSubscriber("late");
      const { position } = (await hub.open(TOPIC)).subscribe(late);
      assert.equal(position.offset, 0);
      gate.resolve();
      await receipt;
      assert.deepEqual(heard(), ["hi"]);
      assert.equal(late.frames.length, 1);
    });

    it("is kept for each topic by itself: one that waits holds up no other", async () => {
      const gate = Promise.withResolvers<void>();
      store.intercept(() => gate.promise);
      const slow = hub.publish(ada, draft("slow", { topic: "slow", persist: true }));
      await hub.publish(ada, draft("quick"));
      assert.deepEqual(heard(), ["quick"]);
      gate.resolve();
      await slow;
    });

    it("holds up nobody who has not been allowed yet", async () => {
      const verdict = Promise.withResolvers<boolean>();
      const authorize = ({ user }: { user: { id: string } }): boolean | Promise<boolean> =>
        user.id === "ada" ? verdict.promise : true;
      await open([{ pattern: "**", publish: true, authorize }]);
      const slow = hub.publish(ada, draft("slow"));
      await hub.publish(bob, draft("quick"));
      verdict.resolve(true);
      await slow;
      assert.deepEqual(heard(), ["quick", "slow"]);
    });
  });

  describe("revise", () => {
    it("tells subscribers, and a replay tells the same", async () => {
      const { id } = await hub.publish(ada, draft("hi", { persist: true }));
      const message = await hub.revise(ada.user, TOPIC, id, sealPayload("ho"));
      const told = listener.news.at(-1);
      assert.ok(told?.kind === "revision");
      assert.deepEqual(told.revision, { offset: 2, message: { ...message, data: "ho" } });
      const { log } = await hub.open(TOPIC);
      const since = { ...log.position, offset: 0 };
      assert.equal(log.since(since).publications[0]?.data, '"ho"');
      const deleted = await hub.revise(ada.user, TOPIC, id);
      const { recovered, publications, revisions } = log.since(since);
      assert.deepEqual([recovered, publications], [true, []]);
      assert.deepEqual(revisions, [{ offset: 3, message: deleted }]);
    });

    it("lets nothing into a message that could not have been published", async () => {
      await open([{ pattern: "**", publish: { message: z.string().max(5) } }]);
      const { id } = await hub.publish(ada, draft("hi", { persist: true }));
      for (const to of ["far too long", 5].map(sealPayload)) {
        const { code } = await refusalOf(() => hub.revise(ada.user, TOPIC, id, to));
        assert.equal(code, "payload-invalid");
      }
      const [message] = await hub.getHistory(TOPIC);
      assert.equal(message?.data, '"hi"');
    });

    it("asks authorize, as for everything", async () => {
      let isBanned = false;
      await open([{ pattern: "chat/*", publish: true, authorize: () => !isBanned }]);
      const { id } = await hub.publish(ada, draft("hi", { persist: true }));
      isBanned = true;
      for (const to of [sealPayload("ho"), undefined]) {
        const { code } = await refusalOf(() => hub.revise(ada.user, TOPIC, id, to));
        assert.equal(code, "not-allowed");
      }
      const { code } = await refusalOf(() => hub.revise(ada.user, "news", id));
      assert.equal(code, "not-allowed");
    });

    it("has its place among the publications of the topic", async () => {
      const { id } = await hub.publish(ada, draft("hi", { persist: true }));
      const gate = Promise.withResolvers<void>();
      store.intercept(() => gate.promise);
      const revision = hub.revise(ada.user, TOPIC, id, sealPayload("ho"));
      await clock.advance(0);
      const receipt = hub.publish(ada, draft("next"));
      gate.resolve();
      await Promise.all([revision, receipt]);
      assert.deepEqual(
        listener.news.map(({ kind }) => kind),
        ["publication", "revision", "publication"],
      );
    });
  });

  it("counts a lost connection as present for as long as it is told to", async () => {
    const limits = toLimits({ presence: { graceMs: 60_000 } });
    hub = new ChannelHub(new ChannelAuthority([]), store, clock, limits);
    const { presence } = await hub.open(TOPIC);
    presence.track(listener, {});
    presence.suspend(listener);
    await clock.advance(59_999);
    assert.equal(presence.members().length, 1);
    await clock.advance(1);
    assert.equal(presence.members().length, 0);
  });

  describe("close", () => {
    it("writes down where topics stand, so that they go on there", async () => {
      await hub.publish(ada, draft("a", { persist: true }));
      await hub.publish(ada, draft("b"));
      const { position } = (await hub.open(TOPIC)).log;
      await hub.close();
      await open([]);
      assert.deepEqual((await hub.open(TOPIC)).log.position, position);
    });

    it("lets what is being stored end, refuses what waits or comes, and leaves no timer", async () => {
      (await hub.open(TOPIC)).presence.track(listener, {});
      const gate = Promise.withResolvers<void>();
      store.intercept(() => gate.promise);
      const first = hub.publish(ada, draft("a", { persist: true }));
      const waiting = refusalOf(() => hub.publish(ada, draft("b")));
      await clock.advance(0);
      const closing = hub.close();
      const late = refusalOf(() => hub.publish(ada, draft("c")));
      gate.resolve();
      assert.equal((await first).offset, 1);
      assert.equal((await waiting).code, "closed");
      assert.equal((await late).code, "closed");
      await closing;
      assert.equal(clock.pendingTimers, 0);
      await open([]);
      const { position } = (await hub.open(TOPIC)).log;
      assert.equal(position.offset, 1);
    });

    it("comes to an end when the store does not work", async () => {
      await hub.publish(ada, draft("a", { persist: true }));
      await hub.publish(ada, draft("b"));
      store.intercept(broken);
      await hub.close();
      assert.equal(clock.pendingTimers, 0);
    });
  });
});
