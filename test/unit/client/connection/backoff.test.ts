import assert from "node:assert/strict";
import { Backoff } from "../../../../client/connection/backoff.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

interface Loss {
  random: () => number;
  isAnnounced?: boolean;
  attempts?: number;
  initialDelayMs?: number;
}

/** When each attempt after a loss comes, if each fails at once. */
function attemptTimes({ random, isAnnounced = false, attempts = 9, ...range }: Loss): number[] {
  const backoff = new Backoff(random, { initialDelayMs: 1_000, maxDelayMs: 30_000, ...range });
  backoff.begin(isAnnounced);
  let atMs = 0;
  return Array.from({ length: attempts }, () => (atMs += backoff.next()));
}

/** How many of 1,000 clients try in each of these windows after a restart that was announced. */
function crowds(windowMs: number, untilMs: number): number[] {
  const { next: random } = new SeededRandom(2_567);
  const counts = Array.from({ length: untilMs / windowMs }, () => 0);
  for (let client = 0; client < 1_000; client += 1) {
    for (const atMs of attemptTimes({ random, isAnnounced: true })) {
      if (atMs < untilMs) counts[Math.floor(atMs / windowMs)]! += 1;
    }
  }
  return counts;
}

describe("Backoff", () => {
  it("doubles from 1 s up to 30 s", () => {
    const times = attemptTimes({ random: () => 0.5, attempts: 8 });
    const delays = times.map((atMs, attempt) => atMs - (times[attempt - 1] ?? 0));
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("spreads by a fifth to either side", () => {
    assert.deepEqual(attemptTimes({ random: () => 0, attempts: 3 }), [800, 2_400, 5_600]);
    assert.deepEqual(attemptTimes({ random: () => 1, attempts: 3 }), [1_200, 3_600, 8_400]);
  });

  it("goes on where it was at the next loss, and from the base after a reset", () => {
    const backoff = new Backoff(() => 0.5);
    backoff.begin(false);
    assert.deepEqual([backoff.next(), backoff.next()], [1_000, 2_000]);
    backoff.begin(false);
    assert.equal(backoff.next(), 4_000);
    backoff.reset();
    assert.equal(backoff.next(), 1_000);
  });
});

describe("Backoff after a restart that was announced", () => {
  it("tries once in each slot: of 1 s, then of 1.5 s for ten seconds, then of 2, 4, 8, 16 and 30 s", () => {
    const ends = [1, 2.5, 4, 5.5, 7, 8.5, 10, 12, 16, 24, 40, 70].map((seconds) => seconds * 1_000);
    const attempts = ends.length;
    const starts = [0, ...ends.slice(0, -1)];
    assert.deepEqual(attemptTimes({ random: () => 0, isAnnounced: true, attempts }), starts);
    assert.deepEqual(attemptTimes({ random: () => 1, isAnnounced: true, attempts }), ends);
    const { next: random } = new SeededRandom(1);
    const times = attemptTimes({ random, isAnnounced: true, attempts });
    assert.deepEqual(
      times.map((atMs, slot) => atMs >= starts[slot]! && atMs <= ends[slot]!),
      ends.map(() => true),
    );
  });

  it("spreads 1,000 clients: no 100 ms see more than 130 of them, from the second on 100", () => {
    const counts = crowds(100, 10_000);
    assert.ok(Math.max(...counts) <= 130, counts.join(" "));
    assert.ok(Math.max(...counts.slice(10)) <= 100, counts.join(" "));
  });

  it("has everybody ask a server that is back after 2.5 s within 1.5 s", () => {
    assert.equal(
      crowds(500, 4_000)
        .slice(5)
        .reduce((sum, count) => sum + count),
      1_000,
    );
  });

  it("begins with a slot as long as the application's first delay", () => {
    const loss = { random: () => 1, isAnnounced: true, attempts: 4, initialDelayMs: 4_000 };
    assert.deepEqual(attemptTimes(loss), [4_000, 8_000, 12_000, 16_000]);
  });

  it("does not tire a server that drops everybody again: the slots of the next are longer", () => {
    const backoff = new Backoff(() => 1);
    backoff.begin(false);
    for (let attempt = 0; attempt < 3; attempt += 1) backoff.next();
    backoff.begin(true);
    assert.equal(backoff.next(), 8_000);
    backoff.begin(true);
    assert.equal(backoff.next(), 8_000);
  });
});
