import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { SyncRoom, type RoomClient } from "../../server/index.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { RESTORED_SEAT_GRACE_SECONDS, SEAT_GRACE_SECONDS } from "../../shared/limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { FrameClient } from "../support/frame-client.ts";
import { KeptStore } from "../support/kept-store.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type SeatAnswer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Hall = schema({ guests: t.set("string") }, "GraceHall");

class HallRoom extends SyncRoom<{ state: SchemaType<typeof Hall> }> {
  override state = new Hall();
  override persistence = { key: "hall" };

  override onJoin(client: RoomClient): void {
    this.state.guests.add(client.sessionId);
  }

  override onLeave(client: RoomClient): void {
    this.state.guests.delete(client.sessionId);
  }
}

const rooms = { hall: HallRoom };
type Hall = TestServer<typeof rooms>;
type Guest = FrameClient & { seat: SeatAnswer };

describe("the seat of a client that dropped", () => {
  let clock: FakeClock;
  let store: KeptStore;
  beforeEach(() => {
    clock = new FakeClock();
    store = new KeptStore(clock);
  });

  const open = (): Promise<Hall> => startTestServer({ rooms, store, clock });

  /** Awaits what needs ticks, and moves the clock by as little as they need. */
  async function ticking<Result>(work: Promise<Result>): Promise<Result> {
    const timer = setInterval(() => clock.advanceSync(1), 1);
    return work.finally(() => clearInterval(timer));
  }

  async function comeBack(server: Hall, { seat, reconnectionToken }: Guest): Promise<Guest> {
    const how = { method: "reconnect", token: seat.identity.token! };
    const answer = await server.reserveSeat(seat.roomId, { reconnectionToken }, how);
    assert.equal(answer.sessionId, seat.sessionId);
    const subprotocols = [`atrium.${PROTOCOL_VERSION}`, `atrium-reconnect.${reconnectionToken}`];
    return Object.assign(await server.takeSeat(answer, { subprotocols }).joined(), { seat });
  }

  async function drop(guest: Guest): Promise<HallRoom> {
    const room = localRoom(HallRoom, guest.seat);
    guest.drop();
    await waitUntil(() => room.clients.length === 0);
    return room;
  }

  /** The seat is there until `seconds` have passed, and then it is not. */
  async function assertKeptFor(room: HallRoom, seconds: number): Promise<void> {
    await clock.advance(seconds * 1_000 - 1);
    assert.equal(room.state.guests.size, 1);
    await clock.advance(1);
    await waitUntil(() => room.state.guests.size === 0);
  }

  it("is kept for 20 s", async () => {
    assert.equal(SEAT_GRACE_SECONDS, 20);
    await using server = await open();
    const guest = await ticking(server.joinFrames("hall"));
    await assertKeptFor(await drop(guest), 20);
  });

  it("is kept for 60 s when the process ended under it", async () => {
    assert.equal(RESTORED_SEAT_GRACE_SECONDS, 60);
    const guest = await leaveBehind();
    await using _server = await open();
    await assertKeptFor(localRoom(HallRoom, guest.seat), 60);
  });

  it("is kept for 20 s by who came back after a restart and dropped once more", async () => {
    const before = await leaveBehind();
    await using server = await open();
    await clock.advance(59_000);
    const guest = await ticking(comeBack(server, before));
    await assertKeptFor(await drop(guest), 20);
  });

  /** Somebody in a room whose server was closed. */
  async function leaveBehind(): Promise<Guest> {
    await using server = await open();
    return await ticking(server.joinFrames("hall"));
  }
});
