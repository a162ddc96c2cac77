import type { MessageContext } from "@colyseus/shared-types";
import type { SyncError } from "../../shared/errors.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";

/** What came of a request, as Colyseus's replies tell it. */
export type Outcome = { readonly isRejected: boolean; readonly payload: unknown };

export function rejected(error: SyncError): Outcome {
  return { isRejected: true, payload: toWireError(error) };
}

/** What a handler of Colyseus returns, so that its asker gets this outcome. */
export function answer(outcome: Outcome | Promise<Outcome>, context: MessageContext): unknown {
  if (outcome instanceof Promise) return outcome.then((settled) => answer(settled, context));
  return outcome.isRejected ? context.reject(outcome.payload) : outcome.payload;
}
