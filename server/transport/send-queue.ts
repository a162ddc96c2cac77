/** The part of a WebSocket that a queue sends through. */
export interface QueuedSocket {
  readonly readyState: number;
  readonly OPEN: number;
  /** Bytes that the kernel has not taken yet. */
  readonly bufferedAmount: number;
  send(frame: Uint8Array, options: { binary: true }, sent: (error?: Error) => void): void;
}

type Sent = (error?: Error) => void;

/**
 * What waits in this process for one peer to read it: at most `maxBytes`. Only a frame that is
 * larger than that by itself goes beyond, alone: it starts when everything before it has been
 * read, and what follows starts when it has been.
 */
export class SendQueue {
  readonly #socket: QueuedSocket;
  readonly #maxBytes: number;
  readonly #onOverflow: () => void;
  #waiting: { frame: Uint8Array; sent: Sent | undefined }[] = [];
  #waitingBytes = 0;

  /** Calls `onOverflow` instead of taking a frame that is too much. */
  constructor(socket: QueuedSocket, maxBytes: number, onOverflow: () => void) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    this.#onOverflow = onOverflow;
  }

  /** Bytes that wait here because the peer does not read them. */
  get bytes(): number {
    return this.#socket.bufferedAmount + this.#waitingBytes;
  }

  /** Whether so much more may wait. A large frame that is on its way takes no room from others. */
  canHold(byteLength: number): boolean {
    const { bufferedAmount } = this.#socket;
    const countedBytes = bufferedAmount > this.#maxBytes ? 0 : bufferedAmount;
    return countedBytes + this.#waitingBytes + byteLength <= this.#maxBytes;
  }

  /** Sends the frame, now or later, behind those before it; a socket that closes takes nothing. */
  push(frame: Uint8Array, sent?: Sent): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#waiting.length === 0 && this.#hasRoomFor(frame)) this.#send(frame, sent);
    else if (this.#mayWait(frame)) this.#wait(frame, sent);
    else this.#onOverflow();
  }

  #hasRoomFor({ byteLength }: Uint8Array): boolean {
    const { bufferedAmount } = this.#socket;
    return bufferedAmount === 0 || bufferedAmount + byteLength <= this.#maxBytes;
  }

  /** Whether it stands behind a large frame, or is one: anything else is simply too much. */
  #mayWait({ byteLength }: Uint8Array): boolean {
    const isLarge = byteLength > this.#maxBytes;
    const isBehindLarge = this.#socket.bufferedAmount > this.#maxBytes || this.#waiting.length > 0;
    if (!isLarge && !isBehindLarge) return false;
    return this.#waiting.length === 0 || this.#waitingBytes + byteLength <= this.#maxBytes;
  }

  #wait(frame: Uint8Array, sent: Sent | undefined): void {
    this.#waiting.push({ frame, sent });
    this.#waitingBytes += frame.byteLength;
  }

  #send(frame: Uint8Array, sent: Sent | undefined): void {
    this.#socket.send(frame, { binary: true }, (error) => {
      sent?.(error);
      this.#continue();
    });
  }

  #continue(): void {
    if (this.#waiting.length > 0 && this.#socket.readyState !== this.#socket.OPEN) {
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    while (this.#waiting.length > 0 && this.#hasRoomFor(this.#waiting[0]!.frame)) {
      const { frame, sent } = this.#waiting.shift()!;
      this.#waitingBytes -= frame.byteLength;
      this.#send(frame, sent);
    }
  }
}
