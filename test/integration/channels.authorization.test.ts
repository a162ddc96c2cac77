import assert from "node:assert/strict";
import type { ChannelRequest } from "../../server/channels/channel-policy.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { ChannelClient } from "../support/channel-client.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";
const KEY = "a-key-for-the-tests-of-permissions";

class GameRoom extends SyncRoom {}

const rooms = { game: GameRoom };

describe("the one point at which channels are authorized", () => {
  let server: TestServer<typeof rooms>;
  let asked: string[];
  let isAllowed: (request: ChannelRequest) => boolean;

  beforeEach(async () => {
    asked = [];
    isAllowed = () => true;
    const authorize = (request: ChannelRequest): boolean => {
      asked.push(`${request.action} ${request.event ?? ""}`.trim());
      return isAllowed(request);
    };
    const channels = [{ pattern: "chat/*", publish: { message: true }, authorize }] as const;
    server = await startTestServer({ rooms, channels, apiKeys: [KEY] });
  });

  afterEach(() => server.close());

  async function post(key: string, data: unknown): Promise<{ status: number; code?: string }> {
    const response = await fetch(
      `${server.httpUrl}/api/channels/${encodeURIComponent(TOPIC)}/messages`,
      {
        method: "POST",
        headers: { Authorization: `Bearer ${key}` },
        body: JSON.stringify({ event: "message", data }),
      },
    );
    const { sync } = (await response.json()) as { sync?: WireError };
    return { status: response.status, ...(sync === undefined ? {} : { code: sync.code }) };
  }

  for (const [carrier, name] of [
    ["the hub", undefined],
    ["a game room", "game"],
  ] as const) {
    it(`is asked about everything that a user does over ${carrier}`, async () => {
      const ada = await ChannelClient.join(server, {}, name);
      await ada.ask("subscribe", { topic: TOPIC });
      await ada.ask("track", { topic: TOPIC, state: {} });
      const { id } = await ada.publish(TOPIC, "hi", { persist: true });
      await ada.ask("history", { topic: TOPIC });
      await ada.ask("edit", { topic: TOPIC, id, data: "ho" });
      await ada.ask("delete", { topic: TOPIC, id });
      assert.deepEqual(asked, [
        "subscribe",
        "presence",
        "publish message",
        "history",
        "revise",
        "publish message",
        "revise",
      ]);
    });

    it(`refuses over ${carrier} whatever it says no to, and nobody hears of it`, async () => {
      const bob = await ChannelClient.join(server);
      await bob.ask("subscribe", { topic: TOPIC });
      const ada = await ChannelClient.join(server, {}, name);
      const { id } = await ada.publish(TOPIC, "hi", { persist: true });
      isAllowed = () => false;
      const refused: [string, object][] = [
        ["subscribe", { topic: TOPIC }],
        ["subscribe", { topic: TOPIC, since: { epoch: "e", offset: 0 } }],
        ["track", { topic: TOPIC, state: {} }],
        ["publish", { topic: TOPIC, event: "message", data: 1 }],
        ["history", { topic: TOPIC }],
        ["edit", { topic: TOPIC, id, data: 1 }],
        ["delete", { topic: TOPIC, id }],
      ];
      for (const [operation, given] of refused) {
        assert.equal((await ada.refusal(operation, given)).code, "not-allowed", operation);
      }
      isAllowed = () => true;
      assert.equal((await ada.ask("history", { topic: TOPIC }))[0]?.data, "hi");
      await bob.settle();
      assert.equal(bob.news(TOPIC).length, 1);
    });
  }

  it("cannot be passed over HTTP: a user's token is no key, and a key is the server's own", async () => {
    const ada = await ChannelClient.join(server);
    await ada.ask("subscribe", { topic: TOPIC });
    asked.length = 0;
    assert.deepEqual(await post(ada.token, "forged"), { status: 401, code: "auth-failed" });
    isAllowed = () => false;
    assert.deepEqual(await post(KEY, "from a backend"), { status: 200 });
    await server.server.socket.emit("notice", "from the server", TOPIC);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), ["from a backend", "from the server"]);
    assert.deepEqual(asked, []);
  });
});
