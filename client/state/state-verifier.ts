import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { reportListenerError } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import {
  CHECKSUM_TYPE,
  type ChecksumReply,
  RESYNC_TYPE,
} from "../../shared/protocol/state-check.ts";
import { stateChecksum } from "../../shared/state/state-checksum.ts";
import { ReceivedScope } from "../../shared/state/state-scope.ts";
import { isRecord } from "../connection/seat.ts";
import type { RoomRequests } from "../room-requests.ts";
import type { StateDecoder } from "./state-decoder.ts";

export interface StateVerifierOptions {
  clock: Clock;
  random: () => number;
  requests: RoomRequests;
  /** The state of now; undefined: the room has none. */
  decoder: () => StateDecoder | undefined;
  /** How often to verify without being asked; undefined: never. */
  everyMs: number | undefined;
  /** A wrong state was replaced by the room's. */
  onResync: () => void;
}

/**
 * Finds out whether the state held here is the room's, and fetches that one if it is not.
 * Checks do not overlap: who asks during one gets its answer.
 */
export class StateVerifier {
  readonly #options: StateVerifierOptions;
  #running: Promise<boolean> | undefined;
  #isStarted = false;
  #cancelTimer: CancelTimer = () => undefined;

  constructor(options: StateVerifierOptions) {
    this.#options = options;
  }

  /** True: it is. False: it was not, and is now. Rejects with a `SyncError` like a request. */
  verify(): Promise<boolean> {
    this.#running ??= this.#verify().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Verifies by itself from now on, where that is wanted. */
  start(): void {
    const { decoder, everyMs } = this.#options;
    if (everyMs === undefined || this.#isStarted || decoder() === undefined) return;
    this.#isStarted = true;
    this.#wait(everyMs);
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancelTimer();
  }

  async #verify(): Promise<boolean> {
    const { decoder, requests, onResync } = this.#options;
    if (decoder() === undefined) return true;
    // Compared the moment that the reply arrives: the next frame is another tick's.
    const isRight = await requests.ask(CHECKSUM_TYPE, (reply) => this.#isRight(reply));
    if (isRight) return true;
    await requests.ask(RESYNC_TYPE, onResync);
    return false;
  }

  #isRight(reply: unknown): boolean {
    const held = this.#options.decoder();
    if (!isChecksumReply(reply)) {
      throw new SyncError("frame-malformed", "the room's answer to a state check is none");
    }
    if (held === undefined) return true;
    const scope = new ReceivedScope(held.decoder.context, reply);
    const { checksum, refs } = stateChecksum(held.state, scope);
    return checksum === reply.checksum && refs === reply.refs;
  }

  #wait(delayMs: number): void {
    const { clock, random } = this.#options;
    // Spread, so that clients who came together do not ask together for ever.
    const spreadMs = delayMs * (0.9 + 0.2 * random());
    this.#cancelTimer = clock.schedule(spreadMs, () => void this.#check(delayMs));
  }

  async #check(everyMs: number): Promise<void> {
    let delayMs = everyMs;
    try {
      await this.verify();
    } catch (error) {
      if (!(error instanceof SyncError)) reportListenerError(error);
      else delayMs = Math.max(everyMs, error.retryAfterMs ?? 0);
    }
    if (this.#isStarted) this.#wait(delayMs);
  }
}

function isChecksumReply(reply: unknown): reply is ChecksumReply {
  if (!isRecord(reply)) return false;
  const { checksum, refs, uncompared, hidden, unordered } = reply;
  return (
    typeof checksum === "number" &&
    typeof refs === "number" &&
    [uncompared, hidden, unordered].every((list) => Array.isArray(list)) &&
    (uncompared as unknown[]).every((each) => Array.isArray(each) && Array.isArray(each[1]))
  );
}
