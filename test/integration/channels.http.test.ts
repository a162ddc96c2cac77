import assert from "node:assert/strict";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import type { PublishReceipt } from "../../shared/events/publication.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { ChannelClient } from "../support/channel-client.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";
const KEY = "a-key-for-the-tests-of-the-route";

interface Answer {
  readonly status: number;
  readonly body: PublishReceipt & { readonly sync: WireError };
}

describe("POST /api/channels/<name>/messages", () => {
  let server: TestServer<RoomTable>;
  let ada: ChannelClient;

  beforeEach(async () => {
    // No policy for news: clients may hear it, nobody but the server publishes there.
    const channels = [{ pattern: "chat/*" }];
    server = await startTestServer({ rooms: {}, channels, apiKeys: [KEY] });
    ada = await ChannelClient.join(server);
    await ada.ask("subscribe", { topic: TOPIC });
  });

  afterEach(() => server.close());

  async function post(
    name: string,
    body: unknown,
    { key = KEY, method = "POST" }: { key?: string | null; method?: string } = {},
  ): Promise<Answer> {
    const response = await fetch(`${server.httpUrl}/api/channels/${name}/messages`, {
      method,
      headers: key === null ? {} : { Authorization: `Bearer ${key}` },
      ...(method === "POST"
        ? { body: typeof body === "string" ? body : JSON.stringify(body) }
        : {}),
    });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  }

  const name = encodeURIComponent(TOPIC);

  it("publishes as the server does, and answers with the receipt", async () => {
    const { status, body } = await post(name, { event: "shipped", data: { order: 7 } });
    assert.equal(status, 200);
    assert.equal(body.offset, 1);
    await ada.settle();
    assert.deepEqual(ada.publications(TOPIC), [{ ...body, event: "shipped", data: { order: 7 } }]);
  });

  it("shares its order with all other publishers", async () => {
    await server.server.realtime.send(TOPIC, 1);
    assert.equal((await post(name, { event: "message", data: 2 })).body.offset, 2);
    assert.equal((await server.server.realtime.send(TOPIC, 3)).offset, 3);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), [1, 2, 3]);
  });

  it("publishes once under one id, and stores what is to be stored", async () => {
    const order = { event: "shipped", data: 7, id: "order-7", persist: true };
    const [first, second] = [await post(name, order), await post(name, order)];
    assert.equal(first.body.id, "order-7");
    assert.deepEqual(second, first);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), [7]);
    const [stored] = await ada.ask("history", { topic: TOPIC });
    assert.equal(stored?.id, "order-7");
    assert.equal(stored.user_id, "");
  });

  it("answers 401 without the right key, and nobody hears anything", async () => {
    for (const key of [null, "", "wrong", `${KEY}x`, KEY.slice(1)]) {
      const { status, body } = await post(name, { event: "message", data: 1 }, { key });
      assert.equal(status, 401);
      assert.equal(body.sync.code, "auth-failed");
      assert.ok(!JSON.stringify(body).includes(KEY.slice(1)));
    }
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), []);
  });

  it("says what is wrong with a request, in a status and a code", async () => {
    const message = { event: "message", data: 1 };
    const wrong: [string, unknown, number, string][] = [
      [name, "no json", 400, "payload-invalid"],
      [name, "5", 400, "payload-invalid"],
      [name, "null", 400, "payload-invalid"],
      [name, [1], 400, "payload-invalid"],
      [name, { data: 1 }, 400, "payload-invalid"],
      [name, { event: "message" }, 400, "payload-invalid"],
      [name, { ...message, event: "presence:join" }, 400, "payload-invalid"],
      [name, { ...message, id: 5 }, 400, "payload-invalid"],
      [name, { ...message, data: "a".repeat(1_048_575) }, 413, "payload-too-large"],
      [name, " ".repeat(1_100_000), 413, "payload-too-large"],
      ["chat%2F*", message, 400, "topic-invalid"],
      ["a%20b", message, 400, "topic-invalid"],
      ["%00", message, 400, "topic-invalid"],
      ["%E0%A4%A", message, 400, "topic-invalid"],
      ["a".repeat(129), message, 400, "topic-invalid"],
    ];
    for (const [channel, body, status, code] of wrong) {
      const answer = await post(channel, body);
      assert.deepEqual([answer.status, answer.body.sync.code], [status, code], channel);
    }
    assert.equal((await post(name, undefined, { method: "GET" })).status, 400);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), []);
  });

  it("takes a payload of 1,048,576 bytes", async () => {
    const data = "a".repeat(1_048_574);
    assert.equal((await post(name, { event: "message", data })).status, 200);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), [data]);
  });

  it("leaves paths that are not quite its own to others", async () => {
    for (const path of ["chat/general/messages", `${name}/messages/1`, name, "/messages"]) {
      const response = await fetch(`${server.httpUrl}/api/channels/${path}`, { method: "POST" });
      assert.equal(response.status, 404, path);
    }
  });

  it("does not exist while there is no key", async () => {
    await server.close();
    server = await startTestServer({ rooms: {} });
    const response = await fetch(`${server.httpUrl}/api/channels/${name}/messages`, {
      method: "POST",
      headers: { Authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ event: "message", data: 1 }),
    });
    assert.equal(response.status, 404);
  });
});
