import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { SyncRoom } from "../../server/index.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Quiet = schema(
  { value: t.number().default(0), canvas: grid({ width: 4, height: 4, colors: 4 }) },
  "QuietState",
);
type Quiet = SchemaType<typeof Quiet>;

class QuietRoom extends SyncRoom<{ state: Quiet }> {
  override state = new Quiet();
}

class BusyRoom extends QuietRoom {
  steps = 0;
  override onTick(): void {
    this.steps += 1;
  }
}

describe("a room with nothing to do", () => {
  /** A room with one client in it, on a clock that stands still; everything has settled. */
  async function quietRoom(): Promise<{
    clock: FakeClock;
    room: QuietRoom;
    state: () => Quiet;
    [Symbol.asyncDispose](): Promise<void>;
  }> {
    const clock = new FakeClock();
    const server = await startTestServer({ rooms: { quiet: QuietRoom }, clock });
    const joining = server.joinFrames("quiet");
    const ticking = setInterval(() => clock.advanceSync(50), 1);
    const client = await joining;
    await waitUntil(() => clock.pendingTimers === 0);
    clearInterval(ticking);
    const room = localRoom(QuietRoom, client.seat);
    return {
      clock,
      room,
      state: () => client.state as Quiet,
      [Symbol.asyncDispose]: () => server.close(),
    };
  }

  it("has no timer, with clients in it, and so does not tick", async () => {
    await using quiet = await quietRoom();
    await quiet.clock.advance(60_000);
    assert.equal(quiet.clock.pendingTimers, 0);
  });

  it("ticks at once when its state changes from outside, and sleeps again", async () => {
    await using quiet = await quietRoom();
    const { clock, room } = quiet;
    await clock.advance(60_000);
    room.state.value = 7;
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(0);
    await waitUntil(() => quiet.state().value === 7);
    assert.equal(clock.pendingTimers, 0);
    await clock.advance(60_000);
    room.state.canvas.set(1, 1, 2);
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(0);
    await waitUntil(() => quiet.state().canvas.get(1, 1) === 2);
  });

  it("ticks when something is sent, and sleeps again", async () => {
    await using quiet = await quietRoom();
    const { clock, room } = quiet;
    room.broadcast("hello");
    assert.equal(clock.pendingTimers, 1);
    await clock.advance(50);
    assert.equal(clock.pendingTimers, 0);
  });

  it("stays awake while a timer of its clock is set", async () => {
    await using quiet = await quietRoom();
    const { clock, room } = quiet;
    const timer = room.clock.setTimeout(() => {}, 3_600_000);
    await clock.advance(1_000);
    assert.equal(clock.pendingTimers, 1);
    timer.clear();
    await clock.advance(1_000);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe("a room with onTick", () => {
  it("ticks at its rate, whoever is there", async () => {
    const clock = new FakeClock();
    await using server = await startTestServer({ rooms: { busy: BusyRoom }, clock });
    const seat = await server.reserveSeat("busy");
    const room = localRoom(BusyRoom, seat);
    await clock.advance(0);
    room.steps = 0;
    await clock.advance(1_000);
    assert.equal(room.steps, room.ticksPerSecond);
  });
});
