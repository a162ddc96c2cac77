/** What the server says in one frame, taken apart. State bytes stay encoded: see `StateDecoder`. */
export type ServerFrame =
  | JoinFrame
  | StateFrame
  | MessageFrame
  | ResponseFrame
  | ErrorFrame
  | { readonly kind: "pong" }
  | { readonly kind: "leave" }
  /** A frame that this client has no use for, such as one of a newer server. */
  | { readonly kind: "unknown"; readonly code: number };

/** The handshake: the seat is ours, and this is what the state looks like. */
export interface JoinFrame {
  readonly kind: "join";
  readonly reconnectionToken: string;
  /** `"schema"`, or `"none"` for a room without synced state. */
  readonly serializerId: string;
  readonly reflection: Uint8Array;
}

/** A whole state or a patch: `bytes` from `offset` on are for the decoder. */
export interface StateFrame {
  readonly kind: "state" | "patch";
  readonly bytes: Uint8Array;
  readonly offset: number;
}

export interface MessageFrame {
  readonly kind: "message";
  readonly type: string | number;
  readonly payload: unknown;
}

export interface ResponseFrame {
  readonly kind: "response";
  readonly requestId: number;
  readonly status: number;
  readonly payload: unknown;
}

export interface ErrorFrame {
  readonly kind: "error";
  readonly code: number;
  readonly message: string;
}
