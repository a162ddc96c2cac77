import type { MessageContext } from "@colyseus/shared-types";
import type { SyncError, SyncErrorCode } from "../../shared/errors.ts";
import type { Meter } from "../metrics/meter.ts";
import { toWireError } from "../../shared/protocol/intent-frame.ts";

/** What came of a request, as Colyseus's replies tell it. */
export type Outcome = {
  readonly isRejected: boolean;
  readonly payload: unknown;
  /** Why we refused it; absent: it was done, or the game's own code refused it. */
  readonly code?: SyncErrorCode;
};

export function rejected(error: SyncError): Outcome {
  return { isRejected: true, payload: toWireError(error), code: error.code };
}

/** What a handler of Colyseus returns, so that its asker gets this outcome. */
export function answer(
  outcome: Outcome | Promise<Outcome>,
  context: MessageContext,
  meter: Meter,
): unknown {
  if (outcome instanceof Promise) return outcome.then((settled) => answer(settled, context, meter));
  if (!outcome.isRejected) return outcome.payload;
  meter.rejected(outcome.code ?? "handler");
  return context.reject(outcome.payload);
}
