import assert from "node:assert/strict";
import { Heartbeat } from "../../../../client/connection/heartbeat.ts";
import { HEARTBEAT_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

function startHeartbeat(): { clock: FakeClock; heartbeat: Heartbeat; events: string[] } {
  const clock = new FakeClock();
  const events: string[] = [];
  const heartbeat = new Heartbeat(clock, {
    ping: () => events.push("ping"),
    dead: () => events.push("dead"),
  });
  heartbeat.start();
  return { clock, heartbeat, events };
}

/** Wakes after a sleep: time has passed, and no timer ran on time. */
class SleepyClock extends FakeClock {
  #sleptMs = 0;

  override now(): number {
    return super.now() + this.#sleptMs;
  }

  sleep(durationMs: number): void {
    this.#sleptMs += durationMs;
  }
}

describe("Heartbeat", () => {
  it(`pings after ${HEARTBEAT_INTERVAL_MS} ms of silence`, () => {
    const { clock, events } = startHeartbeat();
    clock.advanceSync(HEARTBEAT_INTERVAL_MS - 1);
    assert.deepEqual(events, []);
    clock.advanceSync(1);
    assert.deepEqual(events, ["ping"]);
  });

  it("says that it is there while frames arrive as well, and then waits for no answer", () => {
    const { clock, heartbeat, events } = startHeartbeat();
    for (let seconds = 1; seconds <= 60; seconds += 1) {
      clock.advanceSync(900);
      heartbeat.heard();
      clock.advanceSync(100);
    }
    assert.deepEqual(new Set(events), new Set(["ping"]));
    assert.ok(events.length >= 15 && events.length <= 20, `${events.length} in a minute`);
    assert.equal(clock.pendingTimers, 1);
  });

  it("goes on pinging a quiet connection that answers", () => {
    const { clock, heartbeat, events } = startHeartbeat();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      const pings = events.length;
      clock.advanceSync(1_000);
      if (events.length > pings) heartbeat.heard();
    }
    assert.ok(events.length >= 10);
    assert.ok(!events.includes("dead"));
  });

  it(`gives up once, ${HEARTBEAT_TIMEOUT_MS} ms after the last frame`, () => {
    const { clock, heartbeat, events } = startHeartbeat();
    clock.advanceSync(2_000);
    heartbeat.heard();
    clock.advanceSync(HEARTBEAT_TIMEOUT_MS - 1);
    assert.ok(!events.includes("dead"));
    clock.advanceSync(60_000);
    assert.deepEqual(
      events.filter((each) => each === "dead"),
      ["dead"],
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it("asks once more after a sleep instead of giving up", () => {
    const clock = new SleepyClock();
    const events: string[] = [];
    const heartbeat = new Heartbeat(clock, {
      ping: () => events.push("ping"),
      dead: () => events.push("dead"),
    });
    heartbeat.start();
    clock.advanceSync(HEARTBEAT_INTERVAL_MS);
    clock.sleep(3_600_000);
    clock.advanceSync(HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS);
    assert.deepEqual(events, ["ping", "ping"]);
    clock.advanceSync(HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS);
    assert.deepEqual(events, ["ping", "ping", "dead"]);
  });

  it("pings at once when probed, if it runs", () => {
    const { clock, heartbeat, events } = startHeartbeat();
    heartbeat.probe();
    assert.deepEqual(events, ["ping"]);
    clock.advanceSync(HEARTBEAT_INTERVAL_MS);
    heartbeat.stop();
    heartbeat.probe();
    clock.advanceSync(60_000);
    assert.deepEqual(events, ["ping"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("finds a dead connection after a probe without waiting for more silence", () => {
    const { clock, heartbeat, events } = startHeartbeat();
    clock.advanceSync(1_000);
    heartbeat.probe();
    clock.advanceSync(HEARTBEAT_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS);
    assert.deepEqual(events, ["ping", "dead"]);
  });
});
