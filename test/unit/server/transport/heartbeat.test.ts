import assert from "node:assert/strict";
import { Heartbeat } from "../../../../server/transport/heartbeat.ts";

/** A stream whose kernel takes what the test says. */
class FakeStream {
  bytesRead = 0;
  bytesWritten = 0;
  writableLength = 0;
  readonly _handle = { writeQueueSize: 0 };

  /** One write, of which the kernel does not take the last `stuck` bytes. */
  write(bytes: number, stuck = 0): void {
    this.bytesWritten += bytes;
    if (stuck === 0 && this.writableLength === 0) return;
    this.writableLength += bytes;
    this._handle.writeQueueSize ||= stuck;
  }

  /** The peer reads it all. */
  drain(): void {
    this.writableLength = 0;
    this._handle.writeQueueSize = 0;
  }
}

function setUp(): { stream: FakeStream; look: () => number } {
  const stream = new FakeStream();
  const heartbeat = new Heartbeat(stream);
  return { stream, look: () => heartbeat.look() };
}

describe("Heartbeat", () => {
  it("counts the looks since a peer sent anything", () => {
    const { stream, look } = setUp();
    assert.deepEqual([look(), look()], [1, 2]);
    stream.bytesRead += 6;
    assert.deepEqual([look(), look(), look()], [0, 1, 2]);
  });

  it("takes what the kernel takes for no sign of life", () => {
    const { stream, look } = setUp();
    const looks = [1, 2, 3].map(() => {
      stream.write(100_000);
      return look();
    });
    assert.deepEqual(looks, [1, 2, 3]);
  });

  it("does so also at the look that first finds the kernel full", () => {
    const { stream, look } = setUp();
    look();
    stream.write(100_000);
    stream.write(100_000, 60_000);
    assert.deepEqual([look(), look()], [2, 3]);
  });

  it("hears who reads a part of one long write", () => {
    const { stream, look } = setUp();
    stream.write(5_000_000, 4_000_000);
    look();
    const looks = [3_000_000, 1_000_000].map((left) => {
      stream._handle.writeQueueSize = left;
      return look();
    });
    assert.deepEqual([...looks, look()], [0, 0, 1]);
  });

  it("hears who reads the last that waited, and no more than that", () => {
    const { stream, look } = setUp();
    stream.write(5_000_000, 4_000_000);
    look();
    stream.drain();
    stream.write(100);
    assert.equal(look(), 0);
    stream.write(100);
    assert.equal(look(), 1);
  });

  it("hears who reads one long write while as much of the next waits", () => {
    const { stream, look } = setUp();
    stream.write(500_000, 400_000);
    look();
    stream.drain();
    stream.write(500_000, 400_000);
    assert.equal(look(), 0);
  });

  it("does not take more that waits for anything read", () => {
    const { stream, look } = setUp();
    stream.write(5_000_000, 4_000_000);
    look();
    stream.write(2);
    assert.deepEqual([look(), look()], [2, 3]);
  });
});
