import assert from "node:assert/strict";
import type { AerostackChannel, HistoryMessage } from "../../../client/aerostack/index.ts";
import { aerostack } from "../../../server/index.ts";
import { PatientClock } from "./patient-clock.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { Person } from "./person.ts";

const options = { rooms: {}, channels: aerostack() };

/** Persists messages with the numbers `from` to `to`, in that order. */
async function say(channel: AerostackChannel, from: number, to: number): Promise<void> {
  for (let count = from; count <= to; count += 1) {
    await channel.publish("message", { count }, { persist: true });
  }
}

function counts(messages: readonly HistoryMessage<{ count: number }>[]): number[] {
  return messages.map(({ data }) => data.count);
}

/** `from`, `from` - 1 … `to`. */
function down(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, at) => from - at);
}

describe("Aerostack's message history", () => {
  it("A9 gives the last 50 unless it is told how many, and those before a time", async () => {
    const clock = new PatientClock();
    await using server = await startTestServer({ ...options, clock });
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    await say(channel, 1, 40);
    await clock.advance(1_000);
    await say(channel, 41, 60);
    assert.deepEqual(counts(await channel.getHistory()), down(60, 11));
    const latest = await channel.getHistory(20);
    assert.deepEqual(counts(latest), down(60, 41));
    const older = await channel.getHistory(20, latest.at(-1)?.created_at);
    assert.deepEqual(counts(older), down(40, 21));
    assert.deepEqual(await ada.realtime.channel("chat/2").getHistory(), []);
  });

  it("A9 needs no subscription, and outlives everybody who was there", async () => {
    await using server = await startTestServer(options);
    {
      using ada = new Person(server);
      await say(ada.realtime.channel("chat/1"), 1, 2);
    }
    using bob = new Person(server);
    assert.deepEqual(counts(await bob.realtime.channel("chat/1").getHistory(1)), [2]);
  });

  for (const [limit, before] of [[0], [-1], [1.5], [201], [Number.NaN], [10, "no cursor"]] as [
    number,
    string?,
  ][]) {
    it(`A9 rejects getHistory(${limit}${before === undefined ? "" : `, "${before}"`})`, async () => {
      await using server = await startTestServer(options);
      using ada = new Person(server);
      const asked = ada.realtime.channel("chat/1").getHistory(limit, before);
      await assert.rejects(asked, { code: "payload-invalid" });
    });
  }

  it("A10 gives messages with the six fields, stamped by the server", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    const data = { userId: "ada", text: "This one is kept", timestamp: 5 };
    const receipt = await channel.publish("message", data, { persist: true });
    const [message] = await channel.getHistory();
    const { id, room_id, user_id, event, data: kept, created_at } = message!;
    assert.deepEqual([id, room_id, event, kept], [receipt.id, "chat/1", "message", data]);
    assert.equal(user_id, ada.realtime.user?.id);
    assert.equal(created_at, receipt.timestamp);
  });

  it("A11 is newest first, and pages by created_at to its very beginning", async () => {
    const clock = new PatientClock();
    await using server = await startTestServer({ ...options, clock });
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    for (let count = 1; count <= 12; count += 1) {
      await say(channel, count, count);
      await clock.advance(10);
    }
    const seen: number[] = [];
    let page = await channel.getHistory<{ count: number }>(5);
    while (page.length > 0) {
      seen.push(...counts(page));
      page = await channel.getHistory(5, page[page.length - 1]?.created_at);
    }
    assert.deepEqual(seen, down(12, 1));
  });

  it("A11 pages by cursor without losing one of those that were kept in one millisecond", async () => {
    const clock = new PatientClock();
    await using server = await startTestServer({ ...options, clock });
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    await say(channel, 1, 12);
    const seen: number[] = [];
    let page = await channel.getHistory<{ count: number }>(5);
    assert.equal(new Set(page.map(({ created_at }) => created_at)).size, 1);
    while (page.length > 0) {
      seen.push(...counts(page));
      page = await channel.getHistory(5, page.at(-1)?.cursor);
    }
    assert.deepEqual(seen, down(12, 1));
  });
});
