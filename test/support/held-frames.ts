import { ClientState, type Client } from "@colyseus/core";
import { Reflection, type StateView } from "@colyseus/schema";

/**
 * A client whose connection is congested: it holds the very bytes that a serializer hands to
 * a socket, as a socket that is backed up does, and reads them only when the test says so.
 */
export class HeldFrames {
  state: number = ClientState.JOINED;
  view: StateView | undefined;
  readonly sessionId = "congested";
  readonly frames: Uint8Array[] = [];

  /** As a serializer knows it. */
  get client(): Client {
    return this as unknown as Client;
  }

  raw(frame: Uint8Array): void {
    if (frame.byteLength > 0) this.frames.push(frame);
  }

  get byteLength(): number {
    return this.frames.reduce((total, { byteLength }) => total + byteLength, 0);
  }

  /** The state as this client has it once everything that it holds has arrived. */
  read(handshake: Uint8Array): unknown {
    // The decoder reads past the end of a schema's bytes: it gets a copy of its own.
    const decoder = Reflection.decode(Uint8Array.from(handshake));
    for (const frame of this.frames) decoder.decode(frame, { offset: 1 });
    return decoder.state;
  }
}
