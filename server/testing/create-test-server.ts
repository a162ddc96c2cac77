import { createServer } from "../create-server.ts";
import { silentLogger } from "../logger.ts";
import type { RoomTable } from "../matchmaking/room-table.ts";
import type { RealtimeServer } from "../realtime-server.ts";
import type { ServerOptions } from "../server-options.ts";
import { MessageRecord } from "./recorded-message.ts";

/** Signs the guests of every test server, so that a token outlives a server. */
export const TEST_GUEST_SECRET = new Uint8Array(32).fill(7);

/** A real server on a free port, with everything in memory and nothing printed. */
export class TestServer<Rooms extends RoomTable = RoomTable> {
  readonly server: RealtimeServer<Rooms>;
  /** What the server's own code published on channels. */
  readonly sent = new MessageRecord();
  /** What clients published on channels. */
  readonly received = new MessageRecord();

  constructor(server: RealtimeServer<Rooms>) {
    this.server = server;
    server.onPublication((message) => {
      (message.userId === undefined ? this.sent : this.received).add(message);
    });
  }

  /** For `connect()`. */
  get url(): string {
    return `ws://127.0.0.1:${this.server.port}`;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** Forgets what was recorded; rooms and channels stay as they are. */
  reset(): void {
    this.sent.clear();
    this.received.clear();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Opens a server for a test: `await using testServer = await createTestServer({ rooms })`.
 * At most one is open at a time in a process. Give it a `FakeClock` as `clock` to decide
 * when ticks, cooldowns and graces happen.
 */
export async function createTestServer<Rooms extends RoomTable>(
  options: ServerOptions<Rooms>,
): Promise<TestServer<Rooms>> {
  const server = createServer({
    guestSecret: TEST_GUEST_SECRET,
    logger: silentLogger,
    ...options,
  });
  await server.listen(0, "127.0.0.1");
  return new TestServer(server);
}
