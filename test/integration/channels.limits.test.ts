import assert from "node:assert/strict";
import type { ChannelPolicies } from "../../server/channels/channel-policy.ts";
import type { LimitOptions } from "../../server/limits/server-limits.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { devvit, devvitBlocks } from "../../server/policies/devvit-policies.ts";
import { MAX_FRAME_BURST } from "../../shared/limits.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { toWireArguments } from "../support/channel-wire.ts";
import { ChannelClient, StoppedServer } from "../support/channel-client.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { refusalOf } from "../support/refusal-of.ts";
import type { TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";
const message = { topic: TOPIC, event: "message", data: 1 };

/** JSON of so many bytes, the quotes included. */
const textOf = (bytes: number): string => "x".repeat(bytes - 2);

describe("the limits of channels", () => {
  let stopped: StoppedServer;
  let server: TestServer<RoomTable>;
  let clock: FakeClock;
  let ada: ChannelClient;
  let bob: ChannelClient;

  async function start(
    limits: LimitOptions = {},
    channels: ChannelPolicies = { pattern: "**", publish: true },
  ): Promise<void> {
    stopped = await StoppedServer.start({ rooms: {}, channels, limits });
    ({ server, clock } = stopped);
    [ada, bob] = await Promise.all([ChannelClient.join(server), ChannelClient.join(server)]);
    await bob.ask("subscribe", { topic: TOPIC });
  }

  afterEach(() => stopped.close());

  /** Asks all at once; how many were done, and the first refusal. */
  async function askAll(
    clients: readonly ChannelClient[],
    times: number,
    [name, given]: readonly [name: string, given: object],
  ): Promise<{ done: number; refusal: WireError | undefined }> {
    const asked = clients.flatMap((client) =>
      Array.from({ length: times }, () => client.frames.operation(name, toWireArguments(given))),
    );
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 1);
    const refusal = refused[0]?.payload as WireError | undefined;
    return { done: answers.length - refused.length, refusal };
  }

  it("are so many publications of a connection at once, and then so many a second", async () => {
    await start({ session: { publications: { perSecond: 10, burst: 20 } } });
    const { done, refusal } = await askAll([ada], 30, ["publish", message]);
    assert.equal(done, 20);
    assert.deepEqual([refusal?.code, refusal?.retryAfterMs], ["rate-limited", 100]);
    await clock.advance(1_000);
    assert.equal((await askAll([ada], 30, ["publish", message])).done, 10);
    await bob.settle();
    assert.equal(bob.heard(TOPIC).length, 30);
    assert.equal(ada.frames.closed, undefined);
  });

  it("are 100 publications a second for each connection, and 200 at once", async () => {
    await start();
    assert.equal((await askAll([ada], 250, ["publish", message])).done, 200);
    await clock.advance(1_000);
    assert.equal((await askAll([ada], 150, ["publish", message])).done, 100);
  });

  it("count a user with ten connections as one", async () => {
    await start({ user: { publications: { perSecond: 10, burst: 50 } } });
    const join = (): Promise<ChannelClient> => ChannelClient.join(server, { token: ada.token });
    const tabs = await Promise.all(Array.from({ length: 9 }, join));
    const { done, refusal } = await askAll([ada, ...tabs], 20, ["publish", message]);
    assert.equal(done, 50);
    assert.equal(refusal?.message, "more than 10 publications of one user a second");
    // Another one helps nobody, and somebody else does not notice.
    assert.equal((await (await join()).refusal("publish", message)).code, "rate-limited");
    await bob.publish(TOPIC, "bob's");
    await clock.advance(1_000);
    assert.equal((await askAll([ada, ...tabs], 20, ["publish", message])).done, 10);
  });

  it("count a user in every room of the process", async () => {
    await start({ user: { publications: { perSecond: 1, burst: 3 } } });
    await ada.publish(TOPIC, 1);
    ada.frames.drop();
    const again = await ChannelClient.join(server, { token: ada.token });
    assert.equal((await askAll([again], 5, ["publish", message])).done, 2);
  });

  it("are bytes as well, also of payloads that are larger than what comes in a second", async () => {
    await start({ session: { publicationBytes: { perSecond: 1_000, burst: 10_000 } } });
    const large = { ...message, data: textOf(25_000) };
    await ada.publish(TOPIC, large.data);
    const { code, retryAfterMs, message: text } = await ada.refusal("publish", message);
    assert.deepEqual([code, retryAfterMs], ["rate-limited", 15_001]);
    assert.equal(text, "more than 1000 bytes of publications of one session a second");
    await clock.advance(15_001);
    await ada.publish(TOPIC, 1);
    await clock.advance(9_999);
    await ada.refusal("publish", large);
    await clock.advance(1);
    await ada.publish(TOPIC, large.data);
    assert.equal(ada.frames.closed, undefined);
  });

  it("tell the truth about the time to wait: then it works, a millisecond before it does not", async () => {
    const rate = { perSecond: 7, burst: 5 };
    await start({
      session: { publications: rate, operations: { perSecond: 3, burst: 6 }, historyReads: rate },
      user: { publicationBytes: { perSecond: 90, burst: 150 } },
    });
    const given: Record<string, object> = {
      publish: { ...message, data: textOf(37) },
      history: { topic: TOPIC },
      subscribe: { topic: TOPIC },
    };
    for (const [name, asked] of Object.entries(given)) {
      for (let round = 0; round < 6; round += 1) {
        const { refusal } = await askAll([ada], 8, [name, asked]);
        const waitMs = refusal?.retryAfterMs ?? 0;
        assert.ok(waitMs > 0, `${name}: ${JSON.stringify(refusal)}`);
        await clock.advance(waitMs - 1);
        assert.equal((await ada.refusal(name, asked)).retryAfterMs, 1);
        await clock.advance(1);
        assert.equal((await ada.frames.operation(name, toWireArguments(asked))).status, 0);
      }
    }
    assert.equal(ada.frames.closed, undefined);
  });

  it("count what is refused for other reasons as well: a mistake is not for free", async () => {
    await start({ session: { publications: 10 } });
    const wrong = { ...message, event: "*" };
    const { done } = await askAll([ada], 10, ["publish", wrong]);
    assert.equal(done, 0);
    assert.equal((await ada.refusal("publish", message)).code, "rate-limited");
  });

  it("count edits and deletes as publications", async () => {
    await start({ session: { publications: { perSecond: 1, burst: 3 } } });
    const { id } = await ada.publish(TOPIC, "a", { persist: true });
    await ada.ask("edit", { topic: TOPIC, id, data: "b" });
    await ada.ask("delete", { topic: TOPIC, id });
    assert.equal((await ada.refusal("delete", { topic: TOPIC, id })).code, "rate-limited");
    assert.equal((await ada.refusal("edit", { topic: TOPIC, id, data: "c" })).retryAfterMs, 1_000);
  });

  it("are so many other operations, so that coming and going costs others nothing", async () => {
    await start({ session: { operations: { perSecond: 10, burst: 30 } } });
    const refusals: (string | undefined)[] = [];
    for (let round = 0; round < 40; round += 1) {
      const topic = `room/${round}`;
      const { status, payload } = await ada.frames.operation("subscribe", { topic });
      refusals.push(status === 0 ? undefined : (payload as WireError).code);
      // Who wants to hear less is never refused, but it counts.
      await ada.ask("unsubscribe", { topic });
    }
    assert.equal(refusals.indexOf("rate-limited"), 15);
    assert.ok(refusals.slice(15).every((code) => code === "rate-limited"));
    // What is published is counted by itself.
    await ada.publish(TOPIC, "hi");
    assert.deepEqual(bob.heard(TOPIC), ["hi"]);
  });

  it("are 50 reads of the history at once, and 10 a second", async () => {
    await start();
    assert.equal((await askAll([ada], 60, ["history", { topic: TOPIC }])).done, 50);
    await clock.advance(1_000);
    assert.equal((await askAll([ada], 60, ["history", { topic: TOPIC }])).done, 10);
    await ada.ask("subscribe", { topic: TOPIC });
  });

  it("do not hold for the server's own code", async () => {
    await start({ session: { publications: 1 }, user: { publications: 1 } });
    const sent = Array.from({ length: 300 }, (_, at) => server.server.realtime.send(TOPIC, at));
    await Promise.all(sent);
    await bob.settle();
    assert.equal(bob.heard(TOPIC).length, 300);
  });

  it("are 256 channels for each connection, or as many as the server says", async () => {
    await start();
    const topics = Array.from({ length: 256 }, (_, at) => `topic/${at}`);
    await Promise.all(topics.map((topic) => ada.ask("subscribe", { topic })));
    const { code } = await ada.refusal("subscribe", { topic: TOPIC });
    assert.equal(code, "channel-limit");
    assert.equal((await ada.refusal("track", { topic: TOPIC, state: {} })).code, "channel-limit");
    await ada.ask("subscribe", { topic: "topic/0" });
    await ada.ask("unsubscribe", { topic: "topic/1" });
    await ada.ask("subscribe", { topic: TOPIC });
    await bob.publish(TOPIC, "hi");
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), ["hi"]);
    await stopped.close();
    await start({ session: { subscriptions: 1 } });
    await ada.ask("subscribe", { topic: TOPIC });
    assert.equal((await ada.refusal("subscribe", { topic: "another" })).code, "channel-limit");
  });

  it("are 1,048,576 bytes of JSON, on the byte", async () => {
    await start();
    const data = "é".repeat(524_287);
    await ada.publish(TOPIC, data);
    await bob.settle();
    assert.deepEqual(bob.heard(TOPIC), [data]);
    const refused = await ada.refusal("publish", { ...message, data: `${data}a` });
    assert.equal(refused.code, "payload-too-large");
    assert.equal(refused.message, "payload of 1048577 bytes exceeds 1048576");
    await ada.publish(TOPIC, "goes on");
    await bob.settle();
    assert.equal(bob.heard(TOPIC).length, 2);
  });

  it("close a connection that floods them, and nobody else's", async () => {
    await start();
    for (let at = 0; at <= MAX_FRAME_BURST; at += 1) {
      ada.frames.operation("untrack", { topic: TOPIC }).catch(() => {});
    }
    const { code } = await ada.frames.waitForClose();
    assert.equal(code, 4102);
    await bob.publish(TOPIC, "hi");
    assert.deepEqual(bob.heard(TOPIC), ["hi"]);
  });

  it("that cannot be are refused when the server is made", async () => {
    await start();
    for (const limits of [{ session: { publications: 0 } }, { window: { bytes: -1 } }]) {
      await assert.rejects(StoppedServer.start({ rooms: {}, limits }), { name: "RangeError" });
    }
    const channels = devvit({ limits: { channels: 0 } });
    await assert.rejects(StoppedServer.start({ rooms: {}, channels }), { name: "RangeError" });
  });

  it("are how far back a topic reaches, for the server and for each policy", async () => {
    const limits = { window: { ageMs: 10 * 60_000 } };
    await start({ window: { publications: 5 } }, [
      { pattern: "long/*", limits },
      { pattern: "**", publish: true },
    ]);
    const [long, short] = await Promise.all(
      ["long/a", "short/a"].map(async (topic) => {
        const { position } = await ada.ask("subscribe", { topic });
        await ada.ask("unsubscribe", { topic });
        for (let at = 0; at < 5; at += 1) await server.server.realtime.send(topic, at);
        return { topic, since: position };
      }),
    );
    const missed = async (given: typeof long): Promise<number | undefined> => {
      const { recovered, publications } = await ada.ask("subscribe", given!);
      await ada.ask("unsubscribe", given!);
      return recovered === true ? publications.length : undefined;
    };
    assert.deepEqual([await missed(long), await missed(short)], [5, 5]);
    // Longer than a topic stays open that nobody uses, unless its window says otherwise.
    await clock.advance(5 * 60_000);
    assert.deepEqual([await missed(long), await missed(short)], [5, undefined]);
    await server.server.realtime.send("long/a", "one more");
    assert.equal(await missed(long), undefined);
  });

  it("are which messages are kept, for the server and for each policy", async () => {
    const brief = { pattern: "brief/*", publish: true, limits: { retention: { messages: 2 } } };
    await start({ retention: { messages: 3, ageMs: 60_000 } }, [
      brief as never,
      { pattern: "**", publish: true },
    ]);
    const kept = async (topic: string): Promise<unknown[]> =>
      (await ada.ask("history", { topic })).map(({ data }) => data);
    for (const topic of ["brief/a", "all"]) {
      for (let at = 1; at <= 5; at += 1) await ada.publish(topic, at, { persist: true });
    }
    assert.deepEqual(
      [await kept("brief/a"), await kept("all")],
      [
        [5, 4],
        [5, 4, 3],
      ],
    );
    await clock.advance(60_001);
    assert.deepEqual([await kept("brief/a"), await kept("all")], [[], []]);
  });

  describe("of a policy", () => {
    const app = { pattern: "app/*", publish: true, limits: { publications: 10, channels: 2 } };
    const others = { pattern: "**", publish: true } as const;

    it("are for all its channels and everybody who publishes there", async () => {
      await start({}, [app as never, others]);
      const inApp = (name: string): object => ({ ...message, topic: `app/${name}` });
      assert.equal((await askAll([ada, bob], 3, ["publish", inApp("a")])).done, 6);
      for (let at = 0; at < 4; at += 1) await server.server.realtime.send("app/b", at);
      for (const refusal of [
        await ada.refusal("publish", inApp("a")),
        await refusalOf(() => server.server.realtime.send("app/b", 1)),
      ]) {
        assert.deepEqual([refusal.code, refusal.retryAfterMs], ["rate-limited", 100]);
      }
      await ada.publish(TOPIC, "elsewhere");
      await clock.advance(100);
      await server.server.realtime.send("app/b", 1);
    });

    it("are so many channels, and another one when one is free", async () => {
      await start({}, [app as never, others]);
      for (const topic of ["app/a", "app/b"]) await ada.ask("subscribe", { topic });
      for (const [name, more] of [
        ["subscribe", {}],
        ["track", { state: {} }],
        ["publish", { event: "message", data: 1 }],
      ] as const) {
        const { code } = await bob.refusal(name, { topic: "app/c", ...more });
        assert.equal(code, "channel-limit", name);
      }
      await bob.ask("subscribe", { topic: "app/a" });
      await ada.ask("unsubscribe", { topic: "app/b" });
      await bob.ask("subscribe", { topic: "app/c" });
    });

    it("let pages take no channel away from the server's own code", async () => {
      await start({}, devvit());
      for (const topic of ["a", "b", "c", "d"]) await ada.ask("subscribe", { topic });
      assert.equal((await ada.refusal("subscribe", { topic: "e" })).code, "channel-limit");
      await server.server.realtime.send("scores", 1);
      await bob.ask("subscribe", { topic: "scores" });
      await server.server.realtime.send("scores", 2);
      await bob.settle();
      assert.deepEqual(bob.heard("scores"), [2]);
    });
  });

  describe("of devvitBlocks()", () => {
    it("let a session publish where it is subscribed, and nowhere else", async () => {
      await start({}, devvitBlocks());
      const given = { topic: "emoji", event: "message", data: "hi" };
      assert.equal((await ada.refusal("publish", given)).code, "not-allowed");
      await ada.ask("subscribe", { topic: "emoji" });
      await ada.publish("emoji", "hi");
      await ada.ask("unsubscribe", { topic: "emoji" });
      const { code, message: text } = await ada.refusal("publish", given);
      assert.equal(code, "not-allowed");
      assert.equal(text, 'publish "message" on "emoji" is not allowed without a subscription');
    });
  });
});
