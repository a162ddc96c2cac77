import type { Schema, StateView } from "@colyseus/schema";
import { Decoder, Encoder, Reflection } from "@colyseus/schema";

/** What these tests encode at most: the package warns when it has to grow its own buffer. */
const BUFFER_BYTES = 1 << 20;

/** A client that knows nothing of the state's classes but what the handshake says. */
export interface Reader<State> {
  readonly decoder: Decoder;
  readonly state: State;
  readonly view: StateView | undefined;
}

/** A state, its encoder, and clients that decode what a room would send them. */
export class StatePair<State extends Schema> {
  readonly encoder: Encoder<State>;
  readonly readers: Reader<State>[] = [];

  constructor(state: State) {
    this.encoder = new Encoder(state);
    this.encoder.sharedBuffer = new Uint8Array(BUFFER_BYTES);
    this.encoder.discardChanges();
  }

  /** A client that has the handshake, but no state yet. */
  connect(view?: StateView): Reader<State> {
    const decoder: Decoder = Reflection.decode(Reflection.encode(this.encoder));
    const reader = { decoder, state: decoder.state as unknown as State, view };
    this.readers.push(reader);
    return reader;
  }

  /** A client with the full state of now, in the middle of a tick if there is one. */
  join(view?: StateView): Reader<State> {
    const reader = this.connect(view);
    reader.decoder.decode(this.fullState(view));
    return reader;
  }

  fullState(view?: StateView): Uint8Array {
    const it = { offset: 0 };
    const shared = this.encoder.encodeAll(it);
    if (!view) return shared.slice();
    return this.encoder.encodeAllView(view, it.offset, { ...it });
  }

  /** The frames of one tick, one for each client; nobody has decoded them. */
  encodeTick(): Uint8Array[] {
    const it = { offset: 0 };
    const shared = this.encoder.encode(it).slice();
    const sharedLength = it.offset;
    const frames = this.readers.map(({ view }) =>
      view ? this.encoder.encodeView(view, sharedLength, it) : shared,
    );
    this.encoder.discardChanges();
    return frames;
  }

  /** One tick that reaches every client; returns the frames. */
  tick(): Uint8Array[] {
    const frames = this.encodeTick();
    frames.forEach((frame, at) => this.readers[at]!.decoder.decode(frame));
    return frames;
  }
}

/** A client that shares the state's class with the server, as a bundled page may. */
export function typedReader<State extends Schema>(state: State): Decoder<State> {
  return new Decoder(state);
}

/** Runs what makes the schema package warn on purpose. */
export function withoutWarnings(run: () => void): void {
  const warnings = globalThis.console;
  const { warn } = warnings;
  warnings.warn = () => {};
  try {
    run();
  } finally {
    warnings.warn = warn;
  }
}
