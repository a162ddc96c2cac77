import assert from "node:assert/strict";
import { join } from "node:path";
import { HubRoom } from "../../server/channels/hub-room.ts";
import type { ChannelPolicy } from "../../server/channels/channel-policy.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import { MAX_WINDOW_AGE_MS, MAX_WINDOW_PUBLICATIONS } from "../../shared/limits.ts";
import { ChannelClient, StoppedServer, waitForClients } from "../support/channel-client.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";
const channels: ChannelPolicy[] = [{ pattern: "chat/*", publish: true }];

describe("recovery on a channel", () => {
  let stopped: StoppedServer;
  let server: TestServer<RoomTable>;
  let clock: FakeClock;
  let ada: ChannelClient;

  beforeEach(async () => {
    stopped = await StoppedServer.start({ rooms: {}, channels });
    ({ server, clock } = stopped);
    ada = await ChannelClient.join(server);
  });

  afterEach(() => stopped.close());

  async function send(data: number | string): Promise<void> {
    await server.server.realtime.send(TOPIC, data);
  }

  /** Cuts ada's connection; resolves when the server knows. */
  async function drop(): Promise<void> {
    const room = localRoom(HubRoom, ada.frames.seat);
    const { length } = room.clients;
    ada.frames.drop();
    await waitForClients(room, length - 1);
  }

  async function comeBack(since: StreamPosition): Promise<{
    recovered: boolean | undefined;
    missed: unknown[];
    position: StreamPosition;
  }> {
    ada = await ChannelClient.join(server, { token: ada.token });
    const answer = await ada.ask("subscribe", { topic: TOPIC, since });
    const missed = answer.publications.map(({ data }) => data);
    return { recovered: answer.recovered, missed, position: answer.position };
  }

  it("brings everything that was published meanwhile, once and in order, and then the rest", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await send("seen");
    await ada.settle();
    await drop();
    for (let at = 1; at <= 100; at += 1) await send(at);
    const back = await comeBack({ ...position, offset: 1 });
    await send("live");
    await ada.settle();
    assert.deepEqual(back.recovered, true);
    assert.deepEqual(
      back.missed,
      Array.from({ length: 100 }, (_, at) => at + 1),
    );
    assert.deepEqual(back.position, { ...position, offset: 101 });
    assert.deepEqual(
      ada.publications(TOPIC).map(({ data, offset }) => [data, offset]),
      [["live", 102]],
    );
  });

  it("brings what was in the air when the connection was cut", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    const bob = await ChannelClient.join(server);
    ada.frames.pause();
    for (let at = 1; at <= 10; at += 1) await bob.publish(TOPIC, at);
    ada.frames.drop();
    const { recovered, missed } = await comeBack(position);
    assert.equal(recovered, true);
    assert.deepEqual(missed, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("replays publications exactly as they were told, with all their stamps", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    const bob = await ChannelClient.join(server);
    await bob.ask("subscribe", { topic: TOPIC });
    await bob.publish(TOPIC, { text: "hi" }, { event: "note", id: "key" });
    await ada.settle();
    const told = ada.publications(TOPIC);
    const { publications } = await ada.ask("subscribe", { topic: TOPIC, since: position });
    assert.deepEqual(publications, told);
  });

  it("brings no volatile publication again, and says that nothing is missing", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await drop();
    const bob = await ChannelClient.join(server);
    await bob.publish(TOPIC, "typing", { volatile: true });
    const { recovered, missed } = await comeBack(position);
    assert.deepEqual([recovered, missed], [true, []]);
  });

  it("says that something is gone when there were more than the window holds", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await drop();
    for (let at = 1; at <= MAX_WINDOW_PUBLICATIONS; at += 1) await send(at);
    const just = await comeBack(position);
    assert.equal(just.recovered, true);
    assert.equal(just.missed.length, MAX_WINDOW_PUBLICATIONS);
    await send("one too many");
    const { recovered, missed } = await comeBack(position);
    assert.deepEqual([recovered, missed], [false, []]);
    const again = await comeBack({ ...position, offset: 1 });
    assert.equal(again.missed.length, MAX_WINDOW_PUBLICATIONS);
  });

  it("says that something is gone when it is longer ago than the window reaches back", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    const bob = await ChannelClient.join(server);
    await bob.ask("subscribe", { topic: TOPIC });
    await drop();
    await send(1);
    await clock.advance(MAX_WINDOW_AGE_MS);
    assert.deepEqual((await comeBack(position)).missed, [1]);
    await clock.advance(1);
    assert.equal((await comeBack(position)).recovered, false);
    // Who had seen it misses nothing, however long it was away.
    await clock.advance(10 * MAX_WINDOW_AGE_MS);
    assert.equal((await comeBack({ ...position, offset: 1 })).recovered, true);
  });

  it("says that something is gone when the server never was at that position", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await send(1);
    for (const since of [
      { ...position, offset: 2 },
      { epoch: "never", offset: 0 },
      { epoch: "", offset: 1 },
    ]) {
      const answer = await ada.ask("subscribe", { topic: TOPIC, since });
      assert.deepEqual([answer.recovered, answer.publications], [false, []]);
      assert.deepEqual(answer.position, { ...position, offset: 1 });
    }
  });

  it("answers the same resume twice in the same way, and delivers once what follows", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await send(1);
    const since = { topic: TOPIC, since: position };
    const answers = await Promise.all([ada.ask("subscribe", since), ada.ask("subscribe", since)]);
    assert.deepEqual(answers[0], answers[1]);
    await send(2);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), [1, 2]);
  });

  it("knows where a topic stood that nobody used for hours: nothing was missed", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await send("seen");
    await ada.settle();
    await drop();
    await clock.advance(100 * MAX_WINDOW_AGE_MS);
    const { recovered, missed } = await comeBack({ ...position, offset: 1 });
    assert.deepEqual([recovered, missed], [true, []]);
    await drop();
    await clock.advance(100 * MAX_WINDOW_AGE_MS);
    assert.equal((await comeBack(position)).recovered, false);
  });

  it("tells what became of a message that was heard before, or that this is gone", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    const bob = await ChannelClient.join(server);
    const given = { topic: TOPIC, id: (await bob.publish(TOPIC, "hi", { persist: true })).id };
    await drop();
    await bob.ask("edit", { ...given, data: "hello" });
    const edited = await bob.ask("edit", { ...given, data: "hello there" });
    const here = { ...position, offset: 1 };
    for (let time = 0; time < 2; time += 1) {
      await comeBack(here);
      const answer = await ada.ask("subscribe", { topic: TOPIC, since: here });
      assert.equal(answer.recovered, true);
      assert.deepEqual(answer.revisions, [{ offset: 3, message: edited }]);
      assert.deepEqual(answer.position, { ...position, offset: 3 });
    }
    await bob.ask("delete", given);
    await bob.ask("delete", given);
    await ada.settle();
    const live = ada.news(TOPIC).flatMap((each) => (each.kind === "revision" ? [each] : []));
    assert.deepEqual(
      live.map(({ revision }) => [revision.offset, revision.message.data]),
      [[4, null]],
    );
    await drop();
    await clock.advance(MAX_WINDOW_AGE_MS + 1);
    assert.equal((await comeBack(here)).recovered, false);
  });

  it("brings what was revised meanwhile as it is now, and not what was deleted", async () => {
    const { position } = await ada.ask("subscribe", { topic: TOPIC });
    await drop();
    const bob = await ChannelClient.join(server);
    const [edited, deleted] = [
      await bob.publish(TOPIC, "first", { persist: true }),
      await bob.publish(TOPIC, "second", { persist: true }),
    ];
    await bob.publish(TOPIC, "third");
    await bob.ask("edit", { topic: TOPIC, id: edited.id, data: "better" });
    await bob.ask("delete", { topic: TOPIC, id: deleted.id });
    const { recovered, missed } = await comeBack(position);
    assert.deepEqual([recovered, missed], [true, ["better", "third"]]);
  });
});

describe("recovery across a restart of the server", () => {
  const rooms = {};
  const folder = useTemporaryFolder();
  let files = 0;
  let store: string;

  beforeEach(() => {
    files += 1;
    store = `sqlite:${join(folder(), `${files}.db`)}`;
  });

  async function position(server: TestServer<typeof rooms>): Promise<StreamPosition> {
    const client = await ChannelClient.join(server);
    return (await client.ask("subscribe", { topic: TOPIC })).position;
  }

  it("goes on in the topic's epoch with a store that outlives the server", async () => {
    let before: StreamPosition;
    {
      await using server = await startTestServer({ rooms, channels, store });
      const bob = await ChannelClient.join(server);
      before = await position(server);
      for (const data of [1, 2, 3]) await bob.publish(TOPIC, data, { persist: true });
      await bob.publish(TOPIC, 4);
    }
    await using server = await startTestServer({ rooms, channels, store });
    const ada = await ChannelClient.join(server);
    const here = { ...before, offset: 4 };
    const answer = await ada.ask("subscribe", { topic: TOPIC, since: here });
    assert.deepEqual([answer.recovered, answer.publications], [true, []]);
    assert.deepEqual(answer.position, here);
    // The fourth was stored nowhere.
    const earlier = await ada.ask("subscribe", { topic: TOPIC, since: before });
    assert.equal(earlier.recovered, false);
    assert.equal((await ada.publish(TOPIC, 5, { persist: true })).offset, 5);
    const history = await ada.ask("history", { topic: TOPIC });
    assert.deepEqual(
      history.map(({ data }) => data),
      [5, 3, 2, 1],
    );
  });

  it("replays what was stored before the restart, and knows its keys", async () => {
    let before: StreamPosition;
    let token: string;
    const again = { id: "key", persist: true };
    {
      await using server = await startTestServer({ rooms, channels, store });
      const bob = await ChannelClient.join(server);
      token = bob.token;
      before = await position(server);
      await bob.publish(TOPIC, "a", { persist: true });
      await bob.publish(TOPIC, "b", again);
    }
    await using server = await startTestServer({ rooms, channels, store });
    const bob = await ChannelClient.join(server, { token });
    // The answer was lost with the server, so it is published once more.
    assert.equal((await bob.publish(TOPIC, "b", again)).offset, 2);
    const { recovered, publications } = await bob.ask("subscribe", { topic: TOPIC, since: before });
    assert.equal(recovered, true);
    assert.deepEqual(
      publications.map(({ data, offset }) => [data, offset]),
      [
        ["a", 1],
        ["b", 2],
      ],
    );
  });

  it("begins another epoch, and says so, when the store did not outlive the server", async () => {
    let before: StreamPosition;
    {
      await using server = await startTestServer({ rooms, channels });
      const bob = await ChannelClient.join(server);
      await bob.publish(TOPIC, 1, { persist: true });
      before = await position(server);
    }
    await using server = await startTestServer({ rooms, channels });
    const ada = await ChannelClient.join(server);
    const answer = await ada.ask("subscribe", { topic: TOPIC, since: before });
    assert.equal(answer.recovered, false);
    assert.notEqual(answer.position.epoch, before.epoch);
    assert.equal(answer.position.offset, 0);
  });
});
