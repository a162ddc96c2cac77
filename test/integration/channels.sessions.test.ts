import assert from "node:assert/strict";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { ChannelPolicy } from "../../server/channels/channel-policy.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import { ChannelClient } from "../support/channel-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

/** Tokens are `<user>` or `<user>:<role>`; anything else is nobody's. */
const auth = {
  verify: (token: string): Identity | undefined => {
    const [, id, role] = /^(ada|bob)(?::(\w+))?$/.exec(token) ?? [];
    if (id === undefined) return undefined;
    return { id, name: id, ...(role === undefined ? {} : { role }) };
  },
};

const channels: ChannelPolicy[] = [
  { pattern: "staff/*", publish: true, authorize: ({ user }) => user.role === "staff" },
  { pattern: "chat/*", publish: true, authorize: ({ user, action }) => mayChat(user, action) },
];

function mayChat({ role }: Identity, action: string): boolean {
  return role !== "muted" || (action !== "publish" && action !== "presence");
}

class GameRoom extends SyncRoom {
  override ticksPerSecond = 200;
}

const rooms = { game: GameRoom };

describe("a newer token on channels", () => {
  let server: TestServer<typeof rooms>;
  let ada: ChannelClient;

  beforeEach(async () => {
    server = await startTestServer({ rooms, channels, auth });
    ada = await ChannelClient.join(server, { token: "ada:staff" });
  });

  afterEach(() => server.close());

  it("ends what it does not allow, says so, and leaves the rest as it is", async () => {
    await ada.ask("subscribe", { topic: "staff/room" });
    await ada.ask("subscribe", { topic: "chat/room" });
    assert.deepEqual(await ada.ask("authenticate", { token: "ada" }), { id: "ada", name: "ada" });
    assert.deepEqual(ada.frames.news(), [
      {
        kind: "ended",
        topic: "staff/room",
        error: { code: "not-allowed", message: 'subscribe on "staff/room" is not allowed' },
      },
    ]);
    await server.server.realtime.send("staff/room", "secret");
    await server.server.realtime.send("chat/room", "open");
    await ada.settle();
    assert.deepEqual(ada.heard("staff/room"), []);
    assert.deepEqual(ada.heard("chat/room"), ["open"]);
    const { code } = await ada.refusal("subscribe", { topic: "staff/room" });
    assert.equal(code, "not-allowed");
  });

  it("allows more from then on", async () => {
    ada = await ChannelClient.join(server, { token: "ada" });
    const topic = "staff/room";
    assert.equal((await ada.refusal("subscribe", { topic })).code, "not-allowed");
    await ada.ask("authenticate", { token: "ada:staff" });
    await ada.ask("subscribe", { topic });
    await ada.publish(topic, "hi");
    assert.deepEqual(ada.heard(topic), ["hi"]);
  });

  it("counts for what is asked behind it, also before it is answered", async () => {
    const topic = "chat/room";
    const muted = ada.ask("authenticate", { token: "ada:muted" });
    const refused = ada.refusal("publish", { topic, event: "message", data: 1 });
    const unmuted = ada.ask("authenticate", { token: "ada" });
    const receipt = ada.publish(topic, 2);
    await Promise.all([muted, unmuted]);
    assert.equal((await refused).code, "not-allowed");
    assert.equal((await receipt).offset, 1);
  });

  it("takes presence away where it is not allowed any more, and others are told", async () => {
    const bob = await ChannelClient.join(server, { token: "bob" });
    const topic = "chat/room";
    await bob.ask("subscribe", { topic });
    await ada.ask("subscribe", { topic, presence: { at: 1 } });
    await ada.ask("authenticate", { token: "ada:muted" });
    await bob.settle();
    assert.deepEqual(bob.presenceNames(topic), ["join", "leave left"]);
    await bob.publish(topic, "hi");
    await ada.settle();
    assert.deepEqual(ada.heard(topic), ["hi"]);
  });

  it("is refused when it is somebody else's, or nobody's, and nothing changes", async () => {
    await ada.ask("subscribe", { topic: "staff/room" });
    for (const token of ["bob", "bob:staff", "nobody", "", "x".repeat(10_000)]) {
      assert.equal((await ada.refusal("authenticate", { token })).code, "auth-failed");
    }
    assert.deepEqual(ada.frames.news(), []);
    await ada.publish("staff/room", "still staff");
    assert.equal(ada.publications("staff/room")[0]?.userId, "ada");
    assert.deepEqual(ada.heard("staff/room"), ["still staff"]);
  });

  it("does not end what the room itself publishes", async () => {
    ada = await ChannelClient.join(server, { token: "ada:staff" }, "game");
    const { topic, position } = ada.frames.hello!.stream!;
    await ada.ask("subscribe", { topic, since: position });
    await ada.ask("authenticate", { token: "ada" });
    localRoom(GameRoom, ada.frames.seat).publish("score", 1);
    await ada.settle();
    assert.deepEqual(ada.frames.news().length, 1);
    assert.deepEqual(ada.heard(topic), [1]);
  });

  it("is what the roles of a moderator hang on", async () => {
    const bob = await ChannelClient.join(server, { token: "bob" });
    const topic = "chat/room";
    await bob.ask("subscribe", { topic });
    const { id } = await bob.publish(topic, "rude", { persist: true });
    const given = { topic, id, data: "[removed]" };
    assert.equal((await ada.refusal("edit", given)).code, "not-found");
    await ada.ask("authenticate", { token: "ada:moderator" });
    const edited = await ada.ask("edit", given);
    assert.deepEqual([edited.data, edited.user_id], ["[removed]", "bob"]);
    const deleted = await ada.ask("delete", { topic, id });
    assert.equal(deleted.data, null);
    await bob.settle();
    const revisions = bob.news(topic).filter(({ kind }) => kind === "revision");
    assert.deepEqual(revisions, [
      { kind: "revision", topic, revision: { offset: 2, message: edited } },
      { kind: "revision", topic, revision: { offset: 3, message: deleted } },
    ]);
    assert.deepEqual(await bob.ask("history", { topic }), [deleted]);
  });
});
