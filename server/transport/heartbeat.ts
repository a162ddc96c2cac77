/** What the stream under a socket shows of the peer at its other end. */
export interface PeerStream {
  readonly bytesRead: number;
  /** All that was written to it, also what still waits in it. */
  readonly bytesWritten: number;
  readonly writableLength: number;
  /** Node's own, and the one place where a long write can be seen to advance. */
  readonly _handle?: { readonly writeQueueSize: number } | null;
}

/**
 * Tells a peer that is gone from one that reads slowly: whoever sends something lives, and so
 * does whoever reads some of what waits for it here. A slow reader answers no ping for long,
 * because a ping stands behind all that it has still to read: with the kernel's, megabytes.
 *
 * Bytes that leave are a sign of life only if some had to wait at the look before. Until then
 * the kernel takes them, from then on only as many as the peer has read.
 */
export class Heartbeat {
  readonly #stream: PeerStream;
  #bytesRead = 0;
  #bytesLeft = 0;
  #bytesStuck = 0;
  #missed = 0;

  constructor(stream: PeerStream) {
    this.#stream = stream;
  }

  /** Looks for signs of life since the last look; returns how many looks in a row found none. */
  look(): number {
    const { bytesRead, bytesWritten, writableLength, _handle } = this.#stream;
    const bytesLeft = bytesWritten - writableLength;
    const bytesStuck = _handle?.writeQueueSize ?? 0;
    const hasSent = bytesRead !== this.#bytesRead;
    const hasAdvanced = bytesLeft !== this.#bytesLeft || bytesStuck !== this.#bytesStuck;
    const hasRead = this.#bytesStuck > 0 && hasAdvanced;
    this.#missed = hasSent || hasRead ? 0 : this.#missed + 1;
    this.#bytesRead = bytesRead;
    this.#bytesLeft = bytesLeft;
    this.#bytesStuck = bytesStuck;
    return this.#missed;
  }
}
