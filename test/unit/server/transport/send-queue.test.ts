import assert from "node:assert/strict";
import { SendQueue } from "../../../../server/transport/send-queue.ts";

const MAX_BYTES = 100;

/** A socket whose peer reads when the test says so. */
class UnreadSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: number[] = [];
  readonly #pending: { size: number; sent: () => void }[] = [];

  send(frame: Uint8Array, _options: { binary: true }, sent: () => void): void {
    this.sent.push(frame.byteLength);
    this.bufferedAmount += frame.byteLength;
    this.#pending.push({ size: frame.byteLength, sent });
  }

  /** The peer reads one frame. */
  read(): void {
    const { size, sent } = this.#pending.shift()!;
    this.bufferedAmount -= size;
    sent();
  }
}

function setUp(): { socket: UnreadSocket; push: (size: number) => void; overflows: () => number } {
  const socket = new UnreadSocket();
  let overflows = 0;
  const queue = new SendQueue(socket, MAX_BYTES, () => (overflows += 1));
  return {
    socket,
    push: (size) => queue.push(new Uint8Array(size)),
    overflows: () => overflows,
  };
}

describe("SendQueue", () => {
  it("sends at once what fits, and overflows at the first byte that does not", () => {
    const { socket, push, overflows } = setUp();
    push(60);
    push(40);
    assert.deepEqual([socket.sent, overflows()], [[60, 40], 0]);
    push(1);
    assert.deepEqual([socket.sent, overflows()], [[60, 40], 1]);
  });

  it("takes a frame of any size when nothing waits", () => {
    const { socket, push, overflows } = setUp();
    push(5_000);
    assert.deepEqual([socket.sent, overflows()], [[5_000], 0]);
  });

  it("starts a frame that is too large for it when everything before has been read", () => {
    const { socket, push } = setUp();
    push(10);
    push(5_000);
    assert.deepEqual(socket.sent, [10]);
    socket.read();
    assert.deepEqual(socket.sent, [10, 5_000]);
  });

  it("keeps what follows a large frame until that has been read, in order", () => {
    const { socket, push, overflows } = setUp();
    push(5_000);
    push(30);
    push(20);
    assert.deepEqual(socket.sent, [5_000]);
    socket.read();
    assert.deepEqual([socket.sent, overflows()], [[5_000, 30, 20], 0]);
  });

  it("overflows when what waits behind a large frame is too much", () => {
    const { push, overflows } = setUp();
    push(5_000);
    push(60);
    push(40);
    assert.equal(overflows(), 0);
    push(1);
    assert.equal(overflows(), 1);
  });

  it("lets one large frame wait, and no second behind it", () => {
    const { push, overflows } = setUp();
    push(10);
    push(5_000);
    assert.equal(overflows(), 0);
    push(5_000);
    assert.equal(overflows(), 1);
  });

  it("counts what waits here and in the socket, but against its maximum no large frame on its way", () => {
    const socket = new UnreadSocket();
    const queue = new SendQueue(socket, MAX_BYTES, () => assert.fail("it fits"));
    queue.push(new Uint8Array(5_000));
    queue.push(new Uint8Array(30));
    assert.deepEqual([queue.bytes, queue.canHold(70), queue.canHold(71)], [5_030, true, false]);
    socket.read();
    assert.deepEqual([queue.bytes, queue.canHold(70), queue.canHold(71)], [30, true, false]);
    socket.read();
    assert.deepEqual([queue.bytes, queue.canHold(100), queue.canHold(101)], [0, true, false]);
  });

  it("takes nothing for a socket that closes, and forgets what waited for it", () => {
    const socket = new UnreadSocket();
    const queue = new SendQueue(socket, MAX_BYTES, () => assert.fail("nothing overflows"));
    queue.push(new Uint8Array(5_000));
    queue.push(new Uint8Array(30));
    socket.readyState = 2;
    queue.push(new Uint8Array(30));
    socket.read();
    assert.deepEqual([socket.sent, queue.bytes], [[5_000], 0]);
  });
});
