import assert from "node:assert/strict";
import type { AerostackChannel, RealtimePayload } from "../../../client/aerostack/index.ts";
import { PRESENCE_GRACE_MS } from "../../../shared/limits.ts";
import { aerostack } from "../../../server/index.ts";
import { PatientClock } from "./patient-clock.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { Person } from "./person.ts";

const options = { rooms: {}, channels: aerostack() };
const PRESENCE = ["presence:join", "presence:update", "presence:leave"];

/** What a channel tells of presence, one line each. */
async function watch(channel: AerostackChannel): Promise<RealtimePayload[]> {
  const seen: RealtimePayload[] = [];
  for (const event of PRESENCE) channel.on(event, (payload) => seen.push(payload));
  await channel.subscribe().ready;
  return seen;
}

const told = (seen: readonly RealtimePayload[]): unknown[] =>
  seen.map(({ event, data }) => `${event} ${data.name}`);

describe("Aerostack's presence", () => {
  it("A17 shows what is tracked, and what is tracked next in its place", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const seen = await watch(bob.realtime.channel("room/1"));
    const hers = ada.realtime.channel("room/1");
    await hers.track({ name: "Ada", status: "active" });
    await hers.track({ name: "Ada", status: "busy" });
    await waitUntil(() => seen.length === 2);
    assert.deepEqual(
      seen.map(({ event, data, old }) => [event, data.status, old?.status]),
      [
        ["presence:join", "active", undefined],
        ["presence:update", "busy", "active"],
      ],
    );
  });

  it("A17 may be tracked before subscribe(), and goes along with it", async () => {
    await using server = await startTestServer(options);
    using bob = new Person(server);
    const seen = await watch(bob.realtime.channel("room/1"));
    using ada = new Person(server);
    const channel = ada.realtime.channel("room/1");
    void channel.track({ name: "Ada" });
    channel.on("presence:join", () => undefined).subscribe();
    await channel.ready;
    await waitUntil(() => seen.length === 1);
    assert.deepEqual(told(seen), ["presence:join Ada"]);
  });

  it("A18 takes back what was tracked, and stays subscribed", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const seen = await watch(bob.realtime.channel("room/1"));
    const hers = ada.realtime.channel("room/1");
    const heard = await watch(hers);
    await hers.track({ name: "Ada" });
    await hers.untrack();
    await waitUntil(() => seen.length === 2 && heard.length === 2);
    assert.deepEqual(told(seen), ["presence:join Ada", "presence:leave Ada"]);
    assert.deepEqual(told(heard), told(seen));
  });

  it("A19 tells of joins, updates and leaves with the state, under the user's own id", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const seen = await watch(bob.realtime.channel("room/1"));
    const hers = ada.realtime.channel("room/1");
    await hers.track({ userId: "not-me", name: "Ada", color: "#FF5733" });
    await hers.track({ userId: "not-me", name: "Ada", color: "#33FF57" });
    hers.unsubscribe();
    await waitUntil(() => seen.length === 3);
    const userId = ada.realtime.user?.id;
    assert.deepEqual(
      seen.map(({ event, data }) => [event, data]),
      [
        ["presence:join", { userId, name: "Ada", color: "#FF5733" }],
        ["presence:update", { userId, name: "Ada", color: "#33FF57" }],
        ["presence:leave", { userId, name: "Ada", color: "#33FF57" }],
      ],
    );
  });

  it("A19 tells a newcomer who was there before, and its own arrival", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    await ada.realtime.channel("room/1").track({ name: "Ada" });
    using bob = new Person(server);
    const his = bob.realtime.channel("room/1");
    void his.track({ name: "Bob" });
    const seen = await watch(his);
    await waitUntil(() => seen.length === 2);
    const arrivals = new Map(seen.map((each) => [each.data.name, each]));
    const ofAda = arrivals.get("Ada");
    const ofBob = arrivals.get("Bob");
    assert.deepEqual([ofAda?.event, ofAda?.self, ofAda?.initial], ["presence:join", false, true]);
    assert.deepEqual([ofBob?.event, ofBob?.self], ["presence:join", true]);
  });

  it("A20 ends at once with a page that closes, and after a grace with a network that is lost", async () => {
    const clock = new PatientClock();
    await using server = await startTestServer({ ...options, clock });
    using bob = new Person(server);
    const seen = await watch(bob.realtime.channel("room/1"));
    using ada = new Person(server);
    using eve = new Person(server);
    await ada.realtime.channel("room/1").track({ name: "Ada" });
    await eve.realtime.channel("room/1").track({ name: "Eve" });
    ada.realtime.disconnect();
    await waitUntil(() => seen.length === 3);
    eve.goOffline();
    await waitUntil(() => eve.realtime.status === "reconnecting");
    await waitUntil(async () => {
      await clock.advance(PRESENCE_GRACE_MS / 10);
      return seen.length === 4;
    });
    assert.deepEqual(told(seen).slice(2), ["presence:leave Ada", "presence:leave Eve"]);
    assert.deepEqual(
      seen.slice(2).map(({ reason }) => reason),
      ["left", "lost"],
    );
  });

  it("A31 carries any fields, such as a cursor and a selection", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const seen = await watch(bob.realtime.channel("doc/notes"));
    await ada.realtime.connect();
    const { user } = ada.realtime;
    const hers = ada.realtime.channel("doc/notes");
    const shown = { userId: user?.id, name: user?.name, color: "#FF5733", status: "active" };
    await hers.track(shown);
    const moved = { ...shown, cursor: { line: 42, col: 15 }, selection: { start: 100, end: 150 } };
    await hers.track(moved);
    await waitUntil(() => seen.length === 2);
    assert.deepEqual(
      seen.map(({ event, data }) => [event, data]),
      [
        ["presence:join", shown],
        ["presence:update", moved],
      ],
    );
  });
});
