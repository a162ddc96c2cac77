import assert from "node:assert/strict";
import { Protocol } from "@colyseus/shared-types";
import { HubRoom } from "../../server/channels/hub-room.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { PRESENCE_GRACE_MS } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { ChannelClient, StoppedServer, waitForClients } from "../support/channel-client.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import type { TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";

describe("presence on a channel", () => {
  let stopped: StoppedServer;
  let server: TestServer<RoomTable>;
  let clock: FakeClock;
  let ada: ChannelClient;
  let bob: ChannelClient;
  let room: HubRoom;

  beforeEach(async () => {
    stopped = await StoppedServer.start({ rooms: {}, channels: [{ pattern: "chat/*" }] });
    ({ server, clock } = stopped);
    [ada, bob] = await Promise.all([ChannelClient.join(server), ChannelClient.join(server)]);
    room = localRoom(HubRoom, ada.frames.seat);
    await bob.ask("subscribe", { topic: TOPIC });
  });

  afterEach(() => stopped.close());

  async function track(client: ChannelClient, state: Record<string, unknown>): Promise<void> {
    await client.ask("track", { topic: TOPIC, state });
  }

  /** What bob was told so far. */
  async function told(): Promise<string[]> {
    await bob.settle();
    return bob.presenceNames(TOPIC);
  }

  /** Cuts the client's connection; resolves when the server knows. */
  async function drop(client: ChannelClient): Promise<void> {
    const { length } = room.clients;
    client.frames.drop();
    await waitForClients(room, length - 1);
  }

  async function advance(ms: number): Promise<void> {
    await clock.advance(ms);
  }

  it("is told to subscribers with what the member shows, as its server-known user", async () => {
    await track(ada, { name: "Ada", userId: bob.userId });
    await bob.settle();
    assert.deepEqual(bob.presence(TOPIC), [
      {
        event: "presence:join",
        data: { name: "Ada", userId: ada.userId },
        sessionId: ada.sessionId,
        timestamp: clock.now(),
      },
    ]);
  });

  it("is told to the member itself, which has subscribed", async () => {
    await bob.ask("track", { topic: TOPIC, state: { at: 1 } });
    assert.deepEqual(bob.presenceNames(TOPIC), ["join"]);
  });

  it("is in the answer to a subscribe: who is here, the newcomer too", async () => {
    await track(ada, { name: "Ada" });
    const { members } = await bob.ask("subscribe", { topic: TOPIC, presence: { name: "Bob" } });
    assert.deepEqual(members, [
      { name: "Ada", userId: ada.userId },
      { name: "Bob", userId: bob.userId },
    ]);
  });

  it("changes by updates with the old state, never by a leave and a join", async () => {
    await track(ada, { typing: false });
    await advance(100);
    await track(ada, { typing: true });
    await advance(100);
    await track(ada, { typing: true });
    assert.deepEqual(await told(), ["join", "update"]);
    const [, update] = bob.presence(TOPIC);
    assert.deepEqual(update?.old, { typing: false, userId: ada.userId });
    assert.deepEqual(update.data, { typing: true, userId: ada.userId });
  });

  it("is coalesced to ten updates a second, and nobody is closed for tracking fast", async () => {
    await track(ada, { at: 0 });
    for (let at = 1; at <= 100; at += 1) {
      await track(ada, { at });
      await advance(10);
    }
    await advance(100);
    await bob.settle();
    const states = bob.presence(TOPIC).map(({ data }) => data["at"]);
    assert.ok(states.length <= 12, `${states.length} events`);
    assert.equal(states.at(-1), 100);
    assert.equal(ada.frames.closed, undefined);
  });

  it("is coalesced for a client that comes and goes in a loop, which ends as it says last", async () => {
    for (let round = 0; round < 10; round += 1) {
      const asked = Array.from({ length: 50 }, (_, at) =>
        at % 2 === 0
          ? ada.ask("track", { topic: TOPIC, state: { at } })
          : ada.ask("untrack", { topic: TOPIC }),
      );
      await Promise.all(asked);
      await advance(100);
    }
    await track(ada, { at: "last" });
    await advance(100);
    const names = await told();
    assert.ok(names.length <= 13, `${names.length} events in 1.1 s`);
    assert.equal(names.at(-1), "join");
    assert.equal(bob.presence(TOPIC).at(-1)?.data["at"], "last");
    await ada.ask("untrack", { topic: TOPIC });
    await advance(100);
    assert.equal((await told()).at(-1), "leave left");
    assert.equal(ada.frames.closed, undefined);
  });

  it("outlives a lost connection for 10 s, and then ends once, as lost", async () => {
    await track(ada, { at: 1 });
    await drop(ada);
    await advance(PRESENCE_GRACE_MS - 1);
    assert.deepEqual(await told(), ["join"]);
    const { members } = await bob.ask("subscribe", { topic: TOPIC });
    assert.equal(members.length, 1);
    await advance(1);
    assert.deepEqual(await told(), ["join", "leave lost"]);
    await advance(60_000);
    assert.deepEqual(await told(), ["join", "leave lost"]);
  });

  it("tells nothing of a blip: the same session is back in time", async () => {
    await track(ada, { at: 1 });
    await drop(ada);
    await advance(PRESENCE_GRACE_MS - 1);
    ada = await ada.reconnect(server);
    await ada.ask("subscribe", { topic: TOPIC, presence: { at: 1 } });
    await advance(60_000);
    assert.deepEqual(await told(), ["join"]);
    assert.equal((await bob.ask("subscribe", { topic: TOPIC })).members.length, 1);
  });

  it("tells nothing of a blip: the same user is back in time, in another session", async () => {
    await track(ada, { at: 1 });
    await drop(ada);
    await advance(PRESENCE_GRACE_MS - 1);
    ada = await ChannelClient.join(server, { token: ada.token });
    await track(ada, { at: 1 });
    await advance(60_000);
    assert.deepEqual(await told(), ["join"]);
  });

  it("ends at once when the client leaves on purpose", async () => {
    await track(ada, { at: 1 });
    ada.frames.send(Uint8Array.of(Protocol.LEAVE_ROOM));
    await ada.frames.waitForClose();
    assert.deepEqual(await told(), ["join", "leave left"]);
  });

  it("ends at once when the member closes its page", async () => {
    await track(ada, { name: "Ada" });
    await ada.frames.close(CloseCode.GOING_AWAY);
    await waitForClients(room, 1);
    assert.deepEqual(await told(), ["join", "leave left"]);
  });

  it("ends at once when the client takes it back, or unsubscribes", async () => {
    await track(ada, { at: 1 });
    await advance(100);
    await ada.ask("untrack", { topic: TOPIC });
    await advance(100);
    await ada.ask("subscribe", { topic: TOPIC, presence: { at: 2 } });
    await advance(100);
    await ada.ask("unsubscribe", { topic: TOPIC });
    assert.deepEqual(await told(), ["join", "leave left", "join", "leave left"]);
  });

  it("is of users: two tabs are one member, until both are gone", async () => {
    const tab = await ChannelClient.join(server, { token: ada.token });
    await track(ada, { at: 1 });
    await track(tab, { at: 1 });
    await advance(100);
    assert.deepEqual(await told(), ["join"]);
    assert.equal((await bob.ask("subscribe", { topic: TOPIC })).members.length, 1);
    await drop(ada);
    await advance(60_000);
    assert.deepEqual(await told(), ["join"]);
    tab.frames.send(Uint8Array.of(Protocol.LEAVE_ROOM));
    await tab.frames.waitForClose();
    assert.deepEqual(await told(), ["join", "leave left"]);
  });

  it("stays with the connection that took the place of one which died unnoticed", async () => {
    await ada.ask("subscribe", { topic: TOPIC, presence: { at: 1 } });
    const dead = ada;
    dead.frames.pause();
    ada = await ada.reconnect(server);
    await ada.ask("subscribe", { topic: TOPIC, presence: { at: 1 } });
    // Only now does the server hear the end of the old connection.
    dead.frames.resume();
    await dead.frames.waitForClose();
    await advance(60_000);
    await server.server.realtime.send(TOPIC, "still there?");
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), ["still there?"]);
    assert.deepEqual(await told(), ["join"]);
  });

  it("is refused when it is no object, too large, or not JSON; the one shown stays", async () => {
    await track(ada, { at: 1 });
    const states: [unknown, string][] = [
      [undefined, "payload-invalid"],
      [null, "payload-invalid"],
      [[1], "payload-invalid"],
      ["text", "payload-invalid"],
      [{ text: "a".repeat(4_096) }, "payload-too-large"],
    ];
    for (const [state, code] of states) {
      assert.equal((await ada.refusal("track", { topic: TOPIC, state })).code, code);
      if (state === undefined) continue;
      const given = { topic: TOPIC, presence: state };
      assert.equal((await ada.refusal("subscribe", given)).code, code);
    }
    for (const text of ["", "{", '{"at":NaN}', '{"at":1e999}', { at: 1 }]) {
      const { code } = await ada.refusalOfRaw("track", { topic: TOPIC, state: text });
      assert.equal(code, "payload-invalid");
    }
    assert.deepEqual(await told(), ["join"]);
  });
});
