import assert from "node:assert/strict";
import type { Channel } from "../../client/channels/channel.ts";
import { connect } from "../../client/connect.ts";
import type { RealtimeClient } from "../../client/realtime-client.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";
import type { JsonValue } from "../../shared/json-text.ts";
import { MAX_PAYLOAD_BYTES } from "../../shared/limits.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { payloadsOfSize } from "../support/payload-of-size.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const TOPIC = "chat/general";
const KEY = "a-key-for-the-tests-of-payloads";
const payloads = payloadsOfSize(MAX_PAYLOAD_BYTES);
const tooLarge = payloadsOfSize(MAX_PAYLOAD_BYTES + 1);

describe("a payload of 1,048,576 bytes of JSON", () => {
  let server: TestServer<RoomTable>;
  let realtime: RealtimeClient<RealtimeServer>;
  let channel: Channel;
  let heard: unknown[];

  beforeEach(async () => {
    const channels = [{ pattern: "chat/*", publish: true }] as const;
    // Ten of them in a row are more than a session may say by default.
    const limits = {
      session: { publicationBytes: Infinity },
      user: { publicationBytes: Infinity },
    };
    server = await startTestServer({ rooms: {}, channels, apiKeys: [KEY], limits });
    realtime = connect(`ws://127.0.0.1:${server.server.port}`, { storage: null });
    channel = realtime.channel(TOPIC).subscribe();
    heard = [];
    channel.on("message", ({ data }) => heard.push(data));
    await channel.ready;
  });

  afterEach(async () => {
    realtime.disconnect();
    await server.close();
  });

  async function post(data: unknown): Promise<WireError | undefined> {
    const response = await fetch(
      `${server.httpUrl}/api/channels/${encodeURIComponent(TOPIC)}/messages`,
      {
        method: "POST",
        headers: { Authorization: `Bearer ${KEY}` },
        body: JSON.stringify({ event: "message", data }),
      },
    );
    const { sync } = (await response.json()) as { sync?: WireError };
    assert.equal(response.status, sync === undefined ? 200 : 413);
    return sync;
  }

  /** Each is heard before the next is said: more at once is for the limits of queues. */
  async function expectHeard(say: (payload: unknown) => Promise<unknown>): Promise<void> {
    for (const [at, payload] of payloads.entries()) {
      await say(payload);
      await waitUntil(() => heard.length > at, { what: `payload ${at} is heard` });
    }
    assert.deepEqual(heard, payloads);
  }

  it("arrives from a client, whatever it is made of, and one byte more is refused", async () => {
    await expectHeard((payload) => channel.publish("message", payload));
    for (const payload of tooLarge) {
      await assert.rejects(channel.publish("message", payload), { code: "payload-too-large" });
    }
    assert.equal(realtime.status, "connected");
  });

  it("arrives from the server's own code, and one byte more is refused", async () => {
    await expectHeard((payload) => server.server.realtime.send(TOPIC, payload as JsonValue));
    for (const payload of tooLarge) {
      const sent = server.server.realtime.send(TOPIC, payload as JsonValue);
      await assert.rejects(sent, { code: "payload-too-large" });
    }
  });

  it("arrives over HTTP, and one byte more is refused", async () => {
    await expectHeard(async (payload) => assert.equal(await post(payload), undefined));
    for (const payload of tooLarge) assert.equal((await post(payload))?.code, "payload-too-large");
  });

  it("is stored, edited and read back as it is", async () => {
    const revised: unknown[] = [];
    channel.on("revision", ({ data }) => revised.push(data.data));
    const [text, numbers] = payloads;
    const { id } = await channel.publish("message", numbers, { persist: true });
    await assert.rejects(channel.editMessage(id, tooLarge[1]), { code: "payload-too-large" });
    assert.deepEqual((await channel.editMessage(id, text)).data, text);
    assert.deepEqual(
      (await channel.getHistory()).map(({ data }) => data),
      [text],
    );
    assert.deepEqual(revised, [text]);
    assert.deepEqual(heard, [numbers]);
  });
});
