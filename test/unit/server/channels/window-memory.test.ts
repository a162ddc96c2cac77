import assert from "node:assert/strict";
import { ChannelLog, defaultWindow } from "../../../../server/channels/channel-log.ts";
import { WindowMemory } from "../../../../server/channels/window-memory.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

describe("WindowMemory", () => {
  const clock = new FakeClock();

  function newLog(memory: WindowMemory): ChannelLog {
    return new ChannelLog(clock, { ...defaultWindow, publications: 50 }, undefined, memory);
  }

  function append(log: ChannelLog, bytes: number): void {
    const id = `${log.position.offset + 1}`;
    log.append({ id, event: "message", data: "1", timestamp: clock.now() }, bytes);
  }

  /** How far back a log reaches. */
  function kept(log: ChannelLog): number {
    const { epoch, offset } = log.position;
    for (let since = 0; since <= offset; since += 1) {
      if (log.since({ epoch, offset: since }).recovered) return offset - since;
    }
    return assert.fail("a log reaches to its end at least");
  }

  it("forgets the oldest of all logs first, and as much as is needed", () => {
    const memory = new WindowMemory(10 * 1_512);
    const [first, second] = [newLog(memory), newLog(memory)];
    for (let count = 0; count < 5; count += 1) append(first, 1_000);
    for (let count = 0; count < 5; count += 1) append(second, 1_000);
    assert.deepEqual([kept(first), kept(second)], [5, 5]);
    append(second, 3_000);
    assert.deepEqual([kept(first), kept(second)], [2, 6]);
    append(first, 1_000);
    assert.deepEqual([kept(first), kept(second)], [2, 6]);
  });

  it("knows nothing any more of what a log forgot by itself, or was cleared of", () => {
    const memory = new WindowMemory(Infinity);
    const log = newLog(memory);
    for (let count = 0; count < 70; count += 1) append(log, 10);
    assert.equal(memory.size, 50);
    clock.advanceSync(defaultWindow.ageMs + 1);
    append(log, 10);
    assert.equal(memory.size, 1);
    append(log, defaultWindow.bytes + 1);
    assert.equal(memory.size, 0);
    append(log, 10);
    const { position } = log;
    log.clear();
    assert.deepEqual([memory.size, log.position], [0, position]);
    assert.ok(log.since(position).recovered);
  });

  it("never holds more than it may, whatever comes in which order", () => {
    const random = new SeededRandom(20_261_122);
    const memory = new WindowMemory(100_000);
    const logs = Array.from({ length: 7 }, () => newLog(memory));
    for (let count = 0; count < 300; count += 1) {
      append(random.pick(logs), random.integer(1, 2_000));
      const total = logs.reduce((sum, log) => {
        const { epoch, offset } = log.position;
        const { bytes } = log.since({ epoch, offset: offset - kept(log) });
        return sum + bytes;
      }, 0);
      assert.ok(total <= 100_000);
      const entries = logs.reduce((sum, log) => sum + kept(log), 0);
      assert.equal(memory.size, entries);
    }
  });
});
