import assert from "node:assert/strict";
import type { JoinedRoom } from "../../../../client/joined-room.ts";
import type { FakeRoomType } from "../../../support/fake-client.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import {
  FakeChannelClient,
  recordMessages,
  REJOIN_MS,
} from "../../../support/fake-channel-client.ts";

const TOPIC = "room:room-1";

/** A client of a room that publishes and has a state, as a game's rooms do. */
class RoomClient extends FakeChannelClient {
  constructor() {
    super();
    this.server.room.hasState = true;
    this.offerStream();
  }

  /** Says in the next hello where the room's publications stand. */
  offerStream(topic: string = TOPIC): void {
    this.server.room.stream = { topic, position: this.channels.position(topic) };
  }

  say(data: unknown, event = "goal", topic = TOPIC): void {
    this.channels.publish(this.server.room, topic, event, data);
  }
}

function recordRoom(room: JoinedRoom<FakeRoomType>): unknown[] {
  const heard: unknown[] = [];
  room.onMessage("goal", (payload) => heard.push(payload));
  room.onRecovery(({ recovered, replayed }) => heard.push({ recovered, replayed }));
  return heard;
}

describe("JoinedRoom.onMessage", () => {
  it("delivers what the room publishes like its messages", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const heard = recordRoom(room);
    await client.settle();
    client.say(1);
    client.server.room.send(client.server.lastSeat, "goal", "a message");
    client.say("another event", "foul");
    await client.settle();
    assert.deepEqual(heard, [1, "a message"]);
  });

  it("misses nothing between the join and a listener added in its turn", async () => {
    const client = new RoomClient();
    client.say("before the join");
    client.offerStream();
    const room = await client.startJoin();
    client.say("right after the join");
    const heard = recordRoom(room);
    await client.settle();
    client.say("live");
    await client.settle();
    assert.deepEqual(heard, ["right after the join", "live"]);
  });

  it("delivers nothing to a later first listener that was published before it", async () => {
    const client = new RoomClient();
    const room = await client.join();
    client.say("early");
    await client.settle();
    const heard = recordRoom(room);
    await client.settle();
    client.say("live");
    await client.settle();
    assert.deepEqual(heard, ["live"]);
  });

  it("asks the server for nothing while nobody listens", async () => {
    const client = new RoomClient();
    await client.join();
    await client.dropAndReturn();
    assert.deepEqual(client.channels.operations, []);
  });

  it("recovers what was published while the connection was lost", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const heard = recordRoom(room);
    await client.settle();
    client.say(1);
    await client.settle();
    await client.dropAndReturn(() => {
      client.say(2);
      client.say(3);
      client.offerStream();
    });
    client.say(4);
    await client.settle();
    assert.deepEqual(heard, [1, { recovered: true, replayed: 2 }, 2, 3, 4]);
    const since = { ...client.channels.position(TOPIC), offset: 1 };
    assert.deepEqual(client.channels.asked("subscribe")[1], { topic: TOPIC, since });
  });

  it("says so when some of it is gone", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const heard = recordRoom(room);
    await client.settle();
    client.channels.window = 1;
    await client.dropAndReturn(() => {
      client.say(1);
      client.say(2);
    });
    client.say(3);
    await client.settle();
    assert.deepEqual(heard, [{ recovered: false, replayed: 0 }, 3]);
  });

  it("says so when the rejoin landed in another instance of the room", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const heard = recordRoom(room);
    await client.settle();
    client.server.restart();
    client.offerStream("room:room-2");
    await client.clock.advance(REJOIN_MS);
    client.say("in the new instance", "goal", "room:room-2");
    await client.settle();
    assert.deepEqual(heard, [{ recovered: false, replayed: 0 }, "in the new instance"]);
    await client.dropAndReturn(() => client.say("missed", "goal", "room:room-2"));
    assert.deepEqual(heard.slice(2), [{ recovered: true, replayed: 1 }, "missed"]);
  });

  it("works with a room that publishes nothing of its own", async () => {
    const client = new RoomClient();
    client.server.room.stream = undefined;
    const room = await client.join();
    const heard = recordRoom(room);
    await client.dropAndReturn();
    client.server.room.send(client.server.lastSeat, "goal", "a message");
    await client.settle();
    assert.deepEqual(heard, ["a message"]);
    assert.deepEqual(client.channels.operations, []);
  });

  it("reports through onError that the room refuses to be followed", async () => {
    const client = new RoomClient();
    client.channels.refuse = () => ({ code: "not-allowed", message: "no" });
    const room = await client.join();
    const errors: string[] = [];
    room.onError(({ code }) => errors.push(code));
    room.onMessage("goal", () => undefined);
    await client.settle();
    assert.deepEqual(errors, ["not-allowed"]);
  });

  it("takes a publication of any name for a message, also one named like a notice", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const heard: unknown[] = [];
    const recoveries: unknown[] = [];
    room.onMessage("recovery", (payload) => heard.push(payload));
    room.onRecovery((recovery) => recoveries.push(recovery));
    await client.settle();
    client.say("a game's own", "recovery");
    await client.settle();
    assert.deepEqual([heard, recoveries], [["a game's own"], []]);
  });
});

describe("JoinedRoom.channel", () => {
  it("carries a channel over the room's own connection", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const channel = room.channel("chat/general").subscribe();
    const heard = recordMessages(channel);
    await Promise.all([channel.publish("message", "hi"), client.settle()]);
    assert.deepEqual(heard, ["hi"]);
    assert.equal(client.server.sockets.length, 1);
    assert.throws(() => room.channel("a//b"), { code: "topic-invalid" });
  });

  it("recovers with the room, state and channel alike", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const heard = recordMessages(room.channel("chat/general").subscribe());
    await client.settle();
    await client.dropAndReturn(() => {
      client.publish("missed");
      client.state.count = 5;
    });
    assert.deepEqual(heard, ["missed"]);
    assert.equal(room.state.count, 5);
  });

  it("is closed when the room is left, and not before", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const statuses: unknown[] = [];
    const channel = room.channel("chat/general").subscribe((status) => statuses.push(status));
    await client.settle();
    await Promise.all([room.leave(), client.settle()]);
    assert.deepEqual(statuses, ["SUBSCRIBED", "CLOSED"]);
    await assert.rejects(channel.publish("message", 1), { code: "closed" });
    assert.equal(client.clock.pendingTimers, 0);
  });

  it("says CHANNEL_ERROR when the room ended by an error", async () => {
    const client = new RoomClient();
    const room = await client.join();
    const statuses: unknown[] = [];
    room.channel("chat/general").subscribe((status, error) => statuses.push(error ?? status));
    await client.settle();
    client.server.lastSocket.pair.server.close(CloseCode.FRAME_TOO_LARGE);
    await client.settle();
    assert.equal((statuses[1] as { code: string }).code, "frame-too-large");
  });

  it("does not hold up the room's own requests while a subscribe is awaited", async () => {
    const client = new RoomClient();
    const room = await client.join();
    client.channels.hold = () => true;
    room.channel("chat/general").subscribe();
    const reply = room.request("add", { by: 1 });
    await Promise.all([reply, client.settle()]);
    await client.dropAndReturn();
    await Promise.all([room.request("add", { by: 2 }), client.settle()]);
  });
});
