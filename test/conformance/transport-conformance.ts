import assert from "node:assert/strict";
import type { HistoryMessage } from "../../shared/events/publication.ts";
import { isAnswer, isNews, isOperation } from "../faults/support/frame-matchers.ts";
import { useSeededRandom } from "../support/seeded-random.ts";
import { testEndings } from "./transport-endings.ts";
import { FIRST_REJOIN_MS, publish, recoveries, TOPIC } from "./transport-steps.ts";
import { TransportWorld, type Heard, type TransportUnderTest } from "./transport-world.ts";

/** More turns of the event loop than a rejoin takes in memory. */
const REJOIN_TURNS = 24;
/** A dead peer is found by then. */
const FOUND_MS = 10_000;

/** What docs/channels.md promises to a client, whatever the network does to it. */
export function testTransport(transport: TransportUnderTest): void {
  const random = useSeededRandom();
  const open = (options?: Parameters<typeof TransportWorld.open>[1]): Promise<TransportWorld> =>
    TransportWorld.open(transport, options);

  it("gives every subscriber the same publications in the same order, without gaps", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    const receipts = [0, 1, 2, 3].flatMap((n) =>
      [ada, bob].map(({ heard }) => heard.channel.publish("message", n)),
    );
    const offsets = (await world.done(Promise.all(receipts))).map(({ offset }) => offset);
    await world.until(() => [ada, bob].every(({ heard }) => heard.offsets.length === 8));
    assert.deepEqual(
      ada.heard.of("message").map(({ id }) => id),
      bob.heard.of("message").map(({ id }) => id),
    );
    assert.deepEqual(ada.heard.offsets, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(new Set(offsets), new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it("replays what a dropped client missed, once and in order, and says so", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    await publish(world, 1);
    await world.until(() => bob.heard.data().length === 1);
    bob.network.goDown();
    await publish(world, 2, 3);
    bob.network.comeBack();
    await world.passUntil(() => bob.heard.data().length === 3);
    await publish(world, 4);
    await world.until(() => bob.heard.data().length === 4);
    assert.deepEqual(bob.heard.data(), [1, 2, 3, 4]);
    assert.deepEqual(recoveries(bob), [{ topic: TOPIC, recovered: true, replayed: 2 }]);
    assert.deepEqual(bob.heard.of("resync"), []);
    assert.deepEqual(bob.statuses, ["connecting", "connected", "reconnecting", "connected"]);
  });

  for (const [where, lane, matches, passes] of [
    ["before the request has left", "up", isOperation("publish"), false],
    ["behind the request", "up", isOperation("publish"), true],
    ["before the publication has come", "down", isNews, false],
    ["before the receipt has come", "down", isAnswer, false],
  ] as const) {
    it(`publishes once what was cut off ${where}`, async () => {
      await using world = await open();
      const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
      await world.done(ada.heard.channel.publish("message", "first"));
      ada.network.link.cutAt(lane, matches, { passes });
      const receipts = ["second", "third"].map((text) =>
        ada.heard.channel.publish("message", text),
      );
      await world.until(() => ada.realtime.status === "reconnecting");
      ada.network.wake();
      const offsets = (await world.done(Promise.all(receipts))).map(({ offset }) => offset);
      await world.until(() => [ada, bob].every(({ heard }) => heard.data().length >= 3));
      await world.settle();
      assert.deepEqual(offsets, [2, 3]);
      for (const { heard } of [ada, bob]) {
        assert.deepEqual(heard.data(), ["first", "second", "third"]);
      }
    });
  }

  it("recovers once when the recovery itself is cut off, before and behind its answer", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    bob.network.goDown();
    await publish(world, 1, 2);
    bob.network.comeBack();
    for (const passes of [false, true]) {
      const links = bob.network.links.length;
      bob.network.onLink = (link) => link.cutAt("down", isAnswer, { passes });
      await world.passUntil(() => bob.network.links.length > links);
      await world.until(() => bob.realtime.status === "reconnecting");
    }
    bob.network.onLink = () => undefined;
    await publish(world, 3);
    await world.passUntil(() => bob.heard.data().length >= 3 && bob.heard.isLive);
    await world.settle();
    assert.deepEqual(bob.heard.data(), [1, 2, 3]);
    assert.ok(recoveries(bob).every(({ recovered }) => recovered));
  });

  it("misses nothing that is published at any moment of a rejoin", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    for (let turns = 0; turns < REJOIN_TURNS; turns += 1) {
      bob.network.cut();
      await world.until(() => bob.realtime.status === "reconnecting");
      bob.network.wake();
      for (let turn = 0; turn < turns; turn += 1) await world.clock.advance(0);
      const receipt = world.server.realtime.send(TOPIC, turns);
      await world.until(() => bob.heard.data().length > turns);
      await world.done(receipt);
    }
    const numbers = Array.from({ length: REJOIN_TURNS }, (_, turn) => turn);
    assert.deepEqual(bob.heard.data(), numbers);
    assert.ok(recoveries(bob).every(({ recovered }) => recovered));
  });

  it("keeps the order on a line that delays every frame by another time", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    for (const { network } of [ada, bob]) {
      for (const lane of [network.link.up, network.link.down]) {
        lane.delay(world.clock, () => random().integer(0, 900));
      }
    }
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    const receipts = numbers.map((n) => ada.heard.channel.publish("message", n));
    await world.pass(4_000);
    await world.done(Promise.all(receipts));
    for (const { heard, statuses } of [ada, bob]) {
      assert.deepEqual(heard.data(), numbers);
      assert.deepEqual(statuses, ["connecting", "connected"]);
    }
  });

  it("fetches what was lost on a line that loses frames, and keeps the order", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    const isLost = (): boolean => random().integer(0, 1) === 0;
    bob.network.link.down.lose((frame) => isNews(frame) && isLost());
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    for (const n of numbers) {
      await publish(world, n);
      await world.settle();
    }
    // What was lost is noticed with the next that is not.
    bob.network.link.down.lose(() => false);
    await publish(world, 30);
    await world.until(() => bob.heard.data().length === 31);
    assert.deepEqual(bob.heard.data(), [...numbers, 30]);
    assert.ok(recoveries(bob).every(({ recovered }) => recovered));
    assert.deepEqual(bob.statuses, ["connecting", "connected"]);
  });

  it("puts right what a line hands over in another order", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    bob.network.link.down.swap((frame) => isNews(frame) || isAnswer(frame));
    ada.network.link.up.swap(isOperation("publish"));
    const receipts = [1, 2, 3, 4, 5, 6].map((n) => ada.heard.channel.publish("message", n));
    await world.done(Promise.all(receipts));
    await publish(world, "between", "last");
    await world.until(() => [ada, bob].every(({ heard }) => heard.data().length >= 7));
    bob.network.link.down.swap(() => false);
    await publish(world, "end");
    await world.until(() => bob.heard.data().length === 9);
    await world.settle();
    assert.deepEqual(bob.heard.data(), ada.heard.data());
    assert.deepEqual(bob.heard.offsets, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("tells once what was edited and deleted, to who was there and to who was away", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    const { id } = await world.done(ada.heard.channel.publish("message", "hi", { persist: true }));
    await world.until(() => bob.heard.data().length === 1);
    bob.network.onLink = (link) => link.up.repeat(isOperation("subscribe"));
    bob.network.goDown();
    await world.done(ada.heard.channel.editMessage(id, "hello"));
    await publish(world, "next");
    bob.network.comeBack();
    bob.network.wake();
    await world.until(() => bob.heard.data().length === 2);
    await world.done(ada.heard.channel.deleteMessage(id));
    await world.done(ada.heard.channel.deleteMessage(id));
    await world.until(() => bob.heard.of("revision").length === 2);
    await world.settle();
    for (const { heard } of [ada, bob]) {
      assert.deepEqual(
        heard.of("revision").map(({ offset, data }) => [offset, (data as HistoryMessage).data]),
        [
          [2, "hello"],
          [4, null],
        ],
      );
    }
  });

  it("misses nothing where nothing happened, however long it was away", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    await publish(world, 1);
    await world.until(() => bob.heard.data().length === 1);
    bob.network.goDown();
    await world.pass(600_000);
    bob.network.comeBack();
    bob.network.wake();
    await world.until(() => bob.heard.of("recovery").length === 1);
    assert.deepEqual(recoveries(bob), [{ topic: TOPIC, recovered: true, replayed: 0 }]);
  });

  it("finds out within 10 s that nothing arrives any more, and misses nothing", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    await publish(world, 1);
    await world.until(() => bob.heard.data().length === 1);
    bob.network.link.halfOpen();
    await publish(world, 2, 3);
    const receipt = bob.heard.channel.publish("message", 4);
    await world.pass(FOUND_MS);
    assert.deepEqual(bob.statuses.slice(0, 3), ["connecting", "connected", "reconnecting"]);
    bob.network.wake();
    await world.until(() => bob.heard.data().length === 4);
    assert.equal((await world.done(receipt)).offset, 4);
    assert.deepEqual(bob.heard.data(), [1, 2, 3, 4]);
    assert.deepEqual(recoveries(bob), [{ topic: TOPIC, recovered: true, replayed: 2 }]);
  });

  it("takes nothing twice from a connection that arrives behind the next one", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    const old = ada.network.link;
    old.up.hold();
    old.down.hold();
    const receipt = ada.heard.channel.publish("message", "mine");
    await publish(world, "theirs");
    await world.done(bob.heard.channel.publish("typing", true, { volatile: true }));
    await world.settle();
    old.loseHere();
    await world.until(() => ada.realtime.status === "reconnecting");
    ada.network.wake();
    await world.done(receipt);
    await world.until(() => ada.heard.data().length === 2);
    old.up.release();
    old.down.release();
    await world.settle();
    for (const { heard } of [ada, bob]) assert.deepEqual(heard.data(), ["theirs", "mine"]);
    assert.deepEqual(ada.heard.data("typing"), []);
    assert.equal(ada.realtime.status, "connected");
  });

  it("publishes and hears once what arrives twice", async () => {
    await using world = await open();
    const ada = world.client();
    ada.network.onLink = (link) => {
      for (const operation of ["subscribe", "publish", "track"] as const) {
        link.up.repeat(isOperation(operation));
      }
      link.down.repeat(isNews);
    };
    const [heard, bob] = [ada.listen(TOPIC), await world.listener(TOPIC)];
    await world.until(() => heard.isLive);
    await world.done(heard.channel.track({ status: "here" }));
    await world.done(Promise.all([1, 2].map((n) => heard.channel.publish("message", n))));
    await world.until(() => bob.heard.data().length >= 2 && heard.data().length >= 2);
    await world.settle();
    for (const each of [heard, bob.heard]) {
      assert.deepEqual(each.data(), [1, 2]);
      assert.equal(each.of("presence:join").length, 1);
    }
  });

  it("goes on where it was after connections that were refused", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    bob.network.refuse(3);
    bob.network.cut();
    await publish(world, 1, 2);
    await world.until(() => bob.realtime.status === "reconnecting");
    for (let tried = 1; tried <= 4; tried += 1) {
      bob.network.wake();
      await world.until(() => bob.network.links.length === tried + 1);
      await world.settle();
    }
    await world.until(() => bob.heard.data().length === 2);
    assert.deepEqual(bob.heard.data(), [1, 2]);
    assert.equal(bob.network.links.length, 5);
    assert.deepEqual(bob.statuses, ["connecting", "connected", "reconnecting", "connected"]);
  });

  it("says so when more was published than the window holds", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    bob.network.goDown();
    await publish(world, ...Array.from({ length: 1_001 }, (_, n) => n));
    bob.network.comeBack();
    await world.passUntil(() => bob.heard.of("resync").length === 1);
    await publish(world, "after");
    await world.until(() => bob.heard.data().length === 1);
    assert.deepEqual(recoveries(bob), [{ topic: TOPIC, recovered: false, replayed: 0 }]);
    assert.deepEqual(bob.heard.data(), ["after"]);
    assert.deepEqual(bob.heard.offsets, [1_002]);
  });

  it("says so when it was away for longer than the window reaches back", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    bob.network.goDown();
    await publish(world, "gone");
    await world.pass(121_000);
    bob.network.comeBack();
    bob.network.wake();
    await world.until(() => bob.heard.of("resync").length === 1);
    await world.done(ada.heard.channel.publish("message", "after"));
    await world.until(() => bob.heard.data().length === 1);
    assert.deepEqual(bob.heard.data(), ["after"]);
    assert.deepEqual(ada.heard.data(), ["gone", "after"]);
  });

  it("never replays what is volatile, and takes it for no gap", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    bob.network.goDown();
    await world.done(ada.heard.channel.publish("typing", true, { volatile: true }));
    await publish(world, 1);
    bob.network.comeBack();
    await world.passUntil(() => bob.heard.data().length === 1);
    assert.deepEqual(bob.heard.data("typing"), []);
    assert.deepEqual(recoveries(bob), [{ topic: TOPIC, recovered: true, replayed: 1 }]);
  });

  it("counts a blip as present, and a longer absence as one leave", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    await world.done(ada.heard.channel.track({ status: "here" }));
    ada.network.cut();
    await world.passUntil(() => ada.realtime.status === "connected");
    await world.pass(15_000);
    assert.deepEqual(presence(bob), ["presence:join"]);
    ada.network.goDown();
    await world.pass(15_000);
    assert.deepEqual(presence(bob), ["presence:join", "presence:leave"]);
    assert.equal(bob.heard.of("presence:leave")[0]?.reason, "lost");
    ada.network.comeBack();
    ada.network.wake();
    await world.until(() => presence(bob).length === 3);
    assert.deepEqual(
      [...bob.heard.channel.presenceState().values()],
      [{ status: "here", userId: ada.realtime.user?.id }],
    );
  });

  it("lets publications wait while away, the latest 100 for 30 s, and sends them in order", async () => {
    await using world = await open();
    const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
    ada.network.goDown();
    const tooOld = assert.rejects(ada.heard.channel.publish("message", "old"), {
      code: "disconnected",
    });
    await world.pass(30_000);
    await world.done(tooOld);
    const oldest = ada.heard.channel.publish("message", "oldest");
    const pushedOut = assert.rejects(oldest, { code: "disconnected" });
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const receipts = numbers.map((n) => ada.heard.channel.publish("message", n));
    await world.done(pushedOut);
    const strict = ada.realtime.channel(TOPIC, { whenOffline: "reject" });
    await assert.rejects(strict.publish("message", "now"), { code: "disconnected" });
    ada.network.comeBack();
    ada.network.wake();
    await world.done(Promise.all(receipts));
    await world.until(() => [ada, bob].every(({ heard }) => heard.data().length >= 100));
    for (const { heard } of [ada, bob]) assert.deepEqual(heard.data(), numbers);
  });

  it("calls nobody after unsubscribe, whatever was on its way", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    bob.network.link.down.hold();
    await publish(world, 1);
    await world.settle();
    bob.heard.channel.unsubscribe();
    const heard = bob.heard.all.length;
    bob.network.link.down.release();
    await publish(world, 2);
    await world.settle();
    assert.equal(bob.heard.all.length, heard);
    assert.deepEqual(bob.heard.statuses.at(-1), ["CLOSED", undefined]);
  });

  it("brings nothing back to life after disconnect, in the middle of a rejoin", async () => {
    await using world = await open();
    const bob = await world.listener(TOPIC);
    bob.network.goDown();
    await world.pass(FIRST_REJOIN_MS);
    const links = bob.network.links.length;
    bob.realtime.disconnect();
    bob.network.comeBack();
    bob.network.wake();
    await world.pass(60_000);
    assert.equal(bob.network.links.length, links);
    assert.equal(bob.realtime.status, "disconnected");
    assert.deepEqual(bob.heard.statuses.at(-1), ["CLOSED", undefined]);
  });

  testEndings(open);
}

function presence({ heard }: { heard: Heard }): string[] {
  return heard.all
    .map(({ event }) => event)
    .filter((event) => event.startsWith("presence:") && event !== "presence:sync");
}
