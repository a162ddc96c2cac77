import type { Schema, StateCallbackStrategy } from "@colyseus/schema";

/** What observers of a state register their callbacks with: `listen`, `onAdd`, `onRemove` … */
export type StateCallbacks<State> = State extends Schema ? StateCallbackStrategy<State> : never;
