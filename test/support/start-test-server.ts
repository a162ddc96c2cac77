import { Client, type Room as StockRoom } from "colyseus.js";
import { connect, type ConnectOptions } from "../../client/connect.ts";
import type { RealtimeClient } from "../../client/realtime-client.ts";
import { createServer } from "../../server/create-server.ts";
import { silentLogger } from "../../server/logger.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";
import {
  createTestServer,
  TEST_GUEST_SECRET,
  type TestServer as TestKit,
} from "../../server/testing/create-test-server.ts";
import type { ServerOptions } from "../../server/server-options.ts";
import type { IssuedIdentity } from "../../shared/protocol/hello.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { FrameClient, type FrameClientOptions } from "./frame-client.ts";

export interface SeatOptions {
  token?: string;
  method?: string;
  /** For the matchmaking request; of `joinFrames`, for the upgrade as well. */
  headers?: Record<string, string>;
}

/** What the matchmaking route answers: a seat, or a refusal. */
export interface SeatAnswer {
  readonly status: number;
  readonly name: string;
  readonly sessionId: string;
  readonly roomId: string;
  readonly processId: string;
  readonly identity: IssuedIdentity;
  readonly code?: string | number;
  readonly error?: string;
  readonly sync?: WireError;
}

export interface JoinFramesOptions extends SeatOptions, FrameClientOptions {}

/**
 * A real server on a free port, with silent logs and a fixed guest secret. At most one is
 * open at a time: Colyseus has one matchmaker for each process.
 *
 * `await using server = await startTestServer({ rooms: { … } })` closes it, and every client
 * that was opened through it, at the end of the block, whether the test passes or fails.
 */
export async function startTestServer<Rooms extends RoomTable>(
  options: ServerOptions<Rooms>,
): Promise<TestServer<Rooms>> {
  return new TestServer(await createTestServer(options));
}

/** The server after a restart: on the port that clients know. */
export async function startServerOn<Rooms extends RoomTable>(
  port: number,
  options: ServerOptions<Rooms>,
): Promise<RealtimeServer<Rooms>> {
  const server = createServer({
    guestSecret: TEST_GUEST_SECRET,
    logger: silentLogger,
    ...options,
  });
  await server.listen(port, "127.0.0.1");
  return server;
}

export class TestServer<Rooms extends RoomTable> {
  readonly kit: TestKit<Rooms>;
  readonly #realtimeClients: RealtimeClient<RealtimeServer<Rooms>>[] = [];
  readonly #stockRooms: StockRoom[] = [];
  readonly #frameClients: FrameClient[] = [];

  constructor(kit: TestKit<Rooms>) {
    this.kit = kit;
  }

  get server(): RealtimeServer<Rooms> {
    return this.kit.server;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.server.port}`;
  }

  /** One more client of ours: another person each time, unless it has a token or a storage. */
  connect(options: ConnectOptions = {}): RealtimeClient<RealtimeServer<Rooms>> {
    const realtime = connect<RealtimeServer<Rooms>>(this.wsUrl, { storage: null, ...options });
    this.#realtimeClients.push(realtime);
    return realtime;
  }

  /** Joins or creates a room with the stock SDK. */
  async joinStock<State = unknown>(
    roomName: string,
    options: Record<string, unknown> = {},
    { token }: { token?: string } = {},
  ): Promise<StockRoom<unknown, State>> {
    const client = new Client(this.wsUrl);
    if (token !== undefined) client.auth.token = token;
    const room: StockRoom<unknown, State> = await client.joinOrCreate(roomName, options);
    // Dropped connections are for tests to heal, not for the SDK behind their back.
    room.reconnection.enabled = false;
    this.#stockRooms.push(room);
    return room;
  }

  /** Asks for a seat over HTTP; a refusal is an answer too. */
  async reserveSeat(
    target: string,
    options: unknown = {},
    { token, method = "joinOrCreate", headers = {} }: SeatOptions = {},
  ): Promise<SeatAnswer> {
    const response = await fetch(`${this.httpUrl}/matchmake/${method}/${target}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(options),
    });
    return { ...((await response.json()) as SeatAnswer), status: response.status };
  }

  /** Takes a reserved seat with a bare WebSocket; it may be refused or closed any moment. */
  takeSeat(
    seat: Pick<SeatAnswer, "processId" | "roomId" | "sessionId">,
    options: FrameClientOptions = {},
  ): FrameClient {
    const { processId, roomId, sessionId } = seat;
    const url = `${this.wsUrl}/${processId}/${roomId}?sessionId=${sessionId}`;
    const client = new FrameClient(url, options);
    this.#frameClients.push(client);
    return client;
  }

  /** Joins or creates a room with a bare WebSocket; resolves when it has the first state. */
  async joinFrames(
    roomName: string,
    options: Record<string, unknown> = {},
    how: JoinFramesOptions = {},
  ): Promise<FrameClient & { seat: SeatAnswer }> {
    const seat = await this.reserveSeat(roomName, options, how);
    if (seat.status !== 200) throw new Error(`no seat: ${seat.status} ${seat.error}`);
    const client = Object.assign(this.takeSeat(seat, how), { seat });
    return client.joined();
  }

  async close(): Promise<void> {
    for (const realtime of this.#realtimeClients) realtime.disconnect();
    for (const client of this.#frameClients) client.drop();
    for (const room of this.#stockRooms) void room.leave(false);
    await this.server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
