import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createServer } from "../../server/create-server.ts";
import type { Logger } from "../../server/logger.ts";
import { pinoLogger } from "../../server/logging/pino-logger.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { FrameClient } from "../support/frame-client.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const API_KEY = "api-key-canary-4711";
const ADMIN_KEY = "admin-key-canary-4711";
const METRICS_KEY = "metrics-key-canary-4711";
/** Whatever a client sends that only it may know has this in it. */
const CANARY = /canary-\d+/;

/** Repeats in its errors whatever it is given, as careless code does. */
class CarelessRoom extends SyncRoom {
  static override async onAuth(token: string): Promise<unknown> {
    if (token.includes("careless")) throw new Error(`cannot use token ${token} here`);
    return true;
  }
  override messages = {
    fail: (_client: unknown, { token }: { token: string }) => {
      const cause = new Error(`GET https://api.example/me?access_token=${token}`);
      throw new Error(`refused: Authorization: Bearer ${token}`, { cause });
    },
  };
}

const rooms = { careless: CarelessRoom };

/** Everything that a logger was told. */
function recordedLog(): { logger: Logger; said: unknown[][]; text: () => string } {
  const said: unknown[][] = [];
  const note = (...parts: unknown[]): void => void said.push(parts);
  const logger: Logger = { info: note, warn: note, error: note };
  return { logger, said, text: () => inspect(said, { depth: 20, showHidden: true }) };
}

describe("the log", () => {
  const folder = useTemporaryFolder();

  it("holds no secret of any request, upgrade or error", async () => {
    const { logger, said, text } = recordedLog();
    const auth = {
      verify(token: string) {
        if (token.startsWith("bad")) throw new Error(`bad signature of ${token}`);
        return { id: "ann", name: "ann" };
      },
    };
    await using server = await startTestServer({
      rooms,
      auth,
      logger,
      dataFolder: folder(),
      apiKeys: [API_KEY],
      admin: { keys: [ADMIN_KEY] },
      metrics: { keys: [METRICS_KEY] },
    });
    const { httpUrl, wsUrl } = server;

    for (const token of ["bad-canary-1", "careless-canary-2"]) {
      await server.reserveSeat("careless", {}, { token });
      await server.reserveSeat("careless", { password: "canary-3" }, { token });
    }
    for (const path of ["/api/channels/news/messages", "/api/admin/rooms", "/metrics"]) {
      for (const key of [API_KEY, ADMIN_KEY, METRICS_KEY, "wrong-canary-4"]) {
        const headers = { Authorization: `Bearer ${key}` };
        await (await fetch(`${httpUrl}${path}?key=${key}`, { headers })).text();
        await (await fetch(`${httpUrl}${path}`, { method: "POST", headers, body: key })).text();
      }
    }

    const client = await server.joinFrames("careless", {}, { token: "good-canary-5" });
    await client.intent("fail", { token: "canary-6" });
    await client.request("fail", { token: "canary-7" });
    const { processId, roomId, sessionId } = client.seat;
    const upgrades = [
      `${roomId}?sessionId=${sessionId}&_authToken=canary-8`,
      `${roomId}?sessionId=${sessionId}&reconnectionToken=canary-9`,
      `${roomId}?sessionId=other&reconnectionToken=canary-10`,
      `no-such-room?sessionId=${sessionId}&_authToken=canary-11`,
    ];
    for (const target of upgrades) {
      for (const subprotocols of [[], ["atrium-reconnect.canary-12"]]) {
        const stranger = new FrameClient(`${wsUrl}/${processId}/${target}`, { subprotocols });
        await stranger.waitForClose();
      }
    }
    assert.ok(said.length >= 4, "too little was logged to prove anything");
    assert.doesNotMatch(text(), CANARY);
  });

  it("is lines of JSON that say of which room, session and user they are", async () => {
    const lines: string[] = [];
    const logger = pinoLogger({ destination: { write: (line) => void lines.push(line) } });
    const auth = { verify: () => ({ id: "ann", name: "ann" }) };
    await using server = await startTestServer({ rooms, logger, auth });
    const client = await server.joinFrames("careless", {}, { token: "any" });
    await client.intent("fail", { token: "any" });
    await server.takeSeat(client.seat).waitForClose();
    const reports = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      reports.map(({ level }) => level),
      ["error", "info"],
    );
    const { roomId, sessionId } = client.seat;
    for (const report of reports) {
      assert.equal(new Date(String(report["time"])).toISOString(), report["time"]);
      assert.match(String(report["msg"]), /failed/);
      const found = [report["roomId"], report["sessionId"], report["userId"]];
      assert.deepEqual(found, [roomId, sessionId, "ann"]);
    }
    assert.equal(reports[0]?.["room"], "careless");
  });

  it("holds no password of a store that cannot be opened", async () => {
    const { logger, text } = recordedLog();
    const store = "postgres://user:canary-13@localhost/atrium";
    const failing = async (): Promise<void> => {
      const server = createServer({ rooms, store, logger, dataFolder: folder() });
      try {
        await server.listen(0, "127.0.0.1");
      } finally {
        await server.close();
      }
    };
    await assert.rejects(failing);
    assert.doesNotMatch(text(), CANARY);
  });
});
