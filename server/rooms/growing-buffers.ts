import type { Encoder, StateView } from "@colyseus/schema";
import { encoderInternals } from "./colyseus-internals.ts";

const FIRST_BUFFER_BYTES = 1_024;

type ViewChanges = StateView["changes"];

/**
 * Gives one encoder buffers that start small and grow to what its room needs.
 *
 * Stock encoders cut a StateView's snapshot off at `Encoder.BUFFER_SIZE` without an error,
 * and the documented cure, raising that process-wide constant, costs every small room the
 * same. Here a view whose bytes did not fit is encoded again into a larger buffer; nothing
 * of it is lost, because its pending changes are kept until they fitted.
 */
export function growBuffers(encoder: Encoder): void {
  const internals = encoderInternals(encoder);
  let spareBytes = FIRST_BUFFER_BYTES;
  let hasOverflowed = false;
  let encodingView: StateView | undefined;
  let pending = undefined as ViewChanges | undefined;
  let refillStreams = (): void => {};

  encoder.sharedBuffer = new Uint8Array(FIRST_BUFFER_BYTES);

  internals._resizeBuffer = (buffer, usedBytes) => {
    // The encoder begins anew after this.
    refillStreams();
    return grow(encoder, buffer, usedBytes * 2);
  };

  internals.ensureCapacity = (buffer, offset) => {
    if (offset > buffer.byteLength) hasOverflowed = true;
    // First call of this view: the streams have just been drained into its changes.
    if (encodingView !== undefined) pending ??= copyChanges(encodingView.changes);
    if (offset + spareBytes <= buffer.byteLength) return buffer;
    return grow(encoder, buffer, (offset + spareBytes) * 2);
  };

  const encode = encoder.encode.bind(encoder);
  encoder.encode = (
    it = { offset: 0 },
    view,
    buffer = encoder.sharedBuffer,
    initialOffset = it.offset,
  ) => {
    if (it.offset > buffer.byteLength) hasOverflowed = true;
    refillStreams = rememberStreams(encoder);
    return encode(it, view, buffer, initialOffset);
  };

  const encodeView = encoder.encodeView.bind(encoder);
  encoder.encodeView = (view, sharedOffset, it, bytes = encoder.sharedBuffer) => {
    const start = it.offset;
    for (;;) {
      hasOverflowed = false;
      pending = undefined;
      encodingView = view;
      const encoded = encodeView(view, sharedOffset, it, bytes);
      encodingView = undefined;
      if (!hasOverflowed) return encoded;
      spareBytes = it.offset * 2;
      restore(view, pending);
      it.offset = start;
      bytes = encoder.sharedBuffer;
    }
  };
}

function grow(encoder: Encoder, buffer: Uint8Array, byteLength: number): Uint8Array {
  const grown = new Uint8Array(byteLength);
  grown.set(buffer);
  if (buffer === encoder.sharedBuffer) encoder.sharedBuffer = grown;
  return grown;
}

/**
 * Notes what the streams that everybody sees may hand out now; the result gives it back to
 * them. An encoder hands it out once, also when the buffer turns out to be too small for it.
 */
function rememberStreams(encoder: Encoder): () => void {
  const streams = [...encoder.root.streamTrees].flatMap(({ _stream: stream }) =>
    stream === undefined
      ? []
      : [{ stream, adds: [...stream.broadcastPending], deletes: [...stream.broadcastDeletes] }],
  );
  return () => {
    for (const { stream, adds, deletes } of streams) {
      stream.broadcastPending = new Set(adds);
      for (const position of adds) stream.sentBroadcast.delete(position);
      for (const position of deletes) stream.broadcastDeletes.add(position);
    }
  };
}

function restore(view: StateView, pending: ViewChanges | undefined): void {
  for (const [refId, changes] of pending ?? []) view.changes.set(refId, changes);
}

function copyChanges(changes: ViewChanges): ViewChanges {
  return new Map([...changes].map(([refId, each]) => [refId, new Map(each)]));
}
