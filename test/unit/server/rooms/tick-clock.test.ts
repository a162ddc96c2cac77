import assert from "node:assert/strict";
import type { CancelTimer, Clock } from "../../../../shared/clock.ts";
import { TickClock } from "../../../../server/rooms/tick-clock.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const PERIOD_MS = 50;

/** A clock of a machine that runs its timers late, or whose time of day is set. */
class SkewedClock implements Clock {
  readonly #clock = new FakeClock(0);
  readonly #lateMs: number;
  #skewMs = 0;

  constructor(lateMs = 0) {
    this.#lateMs = lateMs;
  }

  get pendingTimers(): number {
    return this.#clock.pendingTimers;
  }

  now(): number {
    return this.#clock.now() + this.#skewMs;
  }

  schedule(delayMs: number, callback: () => void): CancelTimer {
    return this.#clock.schedule(delayMs + this.#lateMs, callback);
  }

  skew(durationMs: number): void {
    this.#skewMs += durationMs;
  }

  advanceSync(durationMs: number): void {
    this.#clock.advanceSync(durationMs);
  }
}

interface Ticking {
  clock: SkewedClock;
  ticks: TickClock;
  /** When each tick ran, in milliseconds since the start. */
  times: number[];
  isBusy: boolean;
  onTick: () => void;
}

function startTicking(clock = new SkewedClock()): Ticking {
  const ticking: Omit<Ticking, "ticks"> = { clock, times: [], isBusy: false, onTick: () => {} };
  const ticks = new TickClock({
    clock,
    periodMs: () => PERIOD_MS,
    isBusy: () => ticking.isBusy,
    tick() {
      ticking.times.push(clock.now());
      ticking.onTick();
    },
  });
  return Object.assign(ticking, { ticks });
}

describe("TickClock", () => {
  it("has no timer and does not tick until it is woken", () => {
    const { clock, ticks, times } = startTicking();
    clock.advanceSync(10_000);
    assert.equal(clock.pendingTimers, 0);
    assert.equal(ticks.isAwake, false);
    assert.deepEqual(times, []);
  });

  it("ticks at once when it wakes after a sleep", () => {
    const { clock, ticks, times } = startTicking();
    clock.advanceSync(1_234);
    ticks.wake();
    assert.equal(ticks.isAwake, true);
    clock.advanceSync(0);
    assert.deepEqual(times, [1_234]);
  });

  it("goes to sleep after one tick when there is nothing to do", () => {
    const { clock, ticks, times } = startTicking();
    ticks.wake();
    clock.advanceSync(10_000);
    assert.deepEqual(times, [0]);
    assert.equal(ticks.isAwake, false);
    assert.equal(clock.pendingTimers, 0);
  });

  it("ticks once however often it is woken before the tick", () => {
    const { clock, ticks, times } = startTicking();
    for (let i = 0; i < 100; i += 1) ticks.wake();
    assert.equal(clock.pendingTimers, 1);
    clock.advanceSync(0);
    assert.deepEqual(times, [0]);
  });

  it("waits for the rest of the period when it is woken right after a tick", () => {
    const { clock, ticks, times } = startTicking();
    ticks.wake();
    clock.advanceSync(20);
    ticks.wake();
    clock.advanceSync(1_000);
    assert.deepEqual(times, [0, 50]);
  });

  it("ticks again a period later when it is woken from within a tick", () => {
    const ticking = startTicking();
    ticking.onTick = () => {
      if (ticking.times.length < 3) ticking.ticks.wake();
    };
    ticking.ticks.wake();
    ticking.clock.advanceSync(1_000);
    assert.deepEqual(ticking.times, [0, 50, 100]);
  });

  it("ticks every period while it is busy", () => {
    const ticking = startTicking();
    ticking.isBusy = true;
    ticking.ticks.wake();
    ticking.clock.advanceSync(200);
    assert.deepEqual(ticking.times, [0, 50, 100, 150, 200]);
  });

  it("does not drift when each of its timers runs 7 ms late", () => {
    const ticking = startTicking(new SkewedClock(7));
    ticking.isBusy = true;
    ticking.ticks.wake();
    ticking.clock.advanceSync(1_020);
    const expected = Array.from({ length: 21 }, (_, index) => (index === 0 ? 7 : 14 + 50 * index));
    assert.deepEqual(ticking.times, expected);
  });

  it("drops the ticks it missed when it falls behind by more than a period", () => {
    const ticking = startTicking();
    ticking.isBusy = true;
    ticking.ticks.wake();
    ticking.clock.advanceSync(0);
    // The process was suspended for 950 ms before the timer that is due at 50.
    ticking.clock.skew(950);
    ticking.clock.advanceSync(150);
    assert.deepEqual(ticking.times, [0, 1_000, 1_050, 1_100]);
  });

  it("keeps its pace when the machine's time is set back by an hour", () => {
    const ticking = startTicking();
    ticking.isBusy = true;
    ticking.ticks.wake();
    ticking.clock.advanceSync(100);
    ticking.clock.skew(-3_600_000);
    ticking.clock.advanceSync(500);
    assert.equal(ticking.times.length, 3 + 10);
  });

  it("has no timer and cannot be woken once it is stopped", () => {
    const ticking = startTicking();
    ticking.isBusy = true;
    ticking.ticks.wake();
    ticking.clock.advanceSync(60);
    ticking.ticks.stop();
    ticking.ticks.wake();
    assert.equal(ticking.ticks.isAwake, false);
    assert.equal(ticking.clock.pendingTimers, 0);
    ticking.clock.advanceSync(1_000);
    assert.deepEqual(ticking.times, [0, 50]);
  });

  it("does not go on when it is stopped from within a tick", () => {
    const ticking = startTicking();
    ticking.isBusy = true;
    ticking.onTick = () => ticking.ticks.stop();
    ticking.ticks.wake();
    ticking.clock.advanceSync(1_000);
    assert.deepEqual(ticking.times, [0]);
    assert.equal(ticking.clock.pendingTimers, 0);
  });
});
