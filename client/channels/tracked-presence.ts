import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { JsonText } from "../../shared/json-text.ts";
import { MAX_OUTBOX_AGE_MS, PRESENCE_INTERVAL_MS } from "../../shared/limits.ts";
import { retryDelayMs } from "./refusal.ts";
import { VersionWaiters } from "./version-waiters.ts";

interface Claim {
  wanted: JsonText;
  /** What the server took last: where a refused change falls back to. */
  accepted: JsonText | undefined;
}

/** What the server was told last and has not answered yet. */
interface Underway {
  readonly claim: Claim | undefined;
  /** Undefined: that nothing is shown any more. */
  readonly sent: JsonText | undefined;
  readonly version: number;
}

export interface TrackedPresenceParts {
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether the connection stands and no subscribe is about to carry the state along. */
  readonly canSend: () => boolean;
  /** Tells the server what to show; undefined: nothing any more. */
  readonly send: (state: JsonText | undefined) => Promise<unknown>;
  /** Nothing is shown and nobody wants to be, any more. */
  readonly onQuiet: () => void;
  /** A state that was taken before is refused now, and nobody waits to hear it. */
  readonly onRefusal: (error: SyncError) => void;
}

/**
 * What this session shows of itself on one topic, from `track` to `untrack`, over as many
 * connections as it takes.
 *
 * - The handle that tracked last is the one that is shown.
 * - What is shown already is not sent; changes in quick succession become the latest one, at
 *   most one for each `PRESENCE_INTERVAL_MS`.
 */
export class TrackedPresence {
  readonly #parts: TrackedPresenceParts;
  /** By handle; the latest is the last. */
  readonly #claims = new Map<object, Claim>();
  readonly #waiters: VersionWaiters;
  /** Counts what was wanted; waiters wait for theirs or a later one. */
  #version = 0;
  /** What the server is known to show on this connection. */
  #shownText: string | undefined;
  /** It may still show what a connection before this one tracked. */
  #mayLinger = false;
  #underway: Underway | undefined;
  #sentAt = -Infinity;
  #attempts = 0;
  #cancelTimer: CancelTimer | undefined;

  constructor(parts: TrackedPresenceParts) {
    this.#parts = parts;
    this.#waiters = new VersionWaiters(parts.clock, MAX_OUTBOX_AGE_MS, () => {
      const text = `not shown to others within ${MAX_OUTBOX_AGE_MS} ms; it will be, once it can`;
      return new SyncError("disconnected", text);
    });
  }

  get isQuiet(): boolean {
    return this.#claims.size === 0 && !this.#isShown && this.#underway === undefined;
  }

  /** Resolves when the server shows this state or a later one. */
  track(owner: object, wanted: JsonText): Promise<void> {
    const claim = this.#claims.get(owner) ?? { wanted, accepted: undefined };
    claim.wanted = wanted;
    this.#claims.delete(owner);
    this.#claims.set(owner, claim);
    return this.#await();
  }

  untrack(owner: object): Promise<void> {
    return this.#claims.delete(owner) ? this.#await() : Promise.resolve();
  }

  /** Sends what is to be shown, if it is not shown yet and the time has come. */
  flush(): void {
    if (this.#underway !== undefined || !this.#parts.canSend()) return;
    const claim = this.#latest;
    if (claim === undefined ? !this.#isShown : claim.wanted === this.#shownText) {
      this.#waiters.settle(this.#version);
      if (this.isQuiet) this.#parts.onQuiet();
      return;
    }
    const waitMs = this.#sentAt + PRESENCE_INTERVAL_MS - this.#parts.clock.now();
    if (waitMs > 0) {
      this.#flushLater(waitMs);
      return;
    }
    const underway = this.#depart(claim);
    this.#parts.send(claim?.wanted).then(
      () => this.#isUnderway(underway) && this.landed(),
      (error: unknown) => this.#isUnderway(underway) && this.bounced(error as SyncError),
    );
  }

  /** The state that a subscribe takes along; `landed` or `bounced` tells what became of it. */
  board(): JsonText | undefined {
    const claim = this.#latest;
    if (claim === undefined || this.#underway !== undefined) return undefined;
    this.#depart(claim);
    return claim.wanted;
  }

  landed(): void {
    const underway = this.#underway;
    if (underway === undefined) return;
    const { claim, sent, version } = underway;
    if (claim !== undefined) claim.accepted = sent;
    this.#underway = undefined;
    this.#shownText = sent;
    this.#mayLinger = false;
    this.#attempts = 0;
    this.#waiters.settle(version);
    this.flush();
  }

  /** It was not taken; without an error it was not looked at and goes out again. */
  bounced(error?: SyncError): void {
    const underway = this.#underway;
    this.#underway = undefined;
    if (error === undefined || underway === undefined) return;
    const delayMs = retryDelayMs(error, this.#attempts, this.#parts.random);
    if (delayMs !== undefined) {
      this.#attempts += 1;
      this.#flushLater(delayMs);
      return;
    }
    const isAwaited = this.#waiters.has(underway.version);
    this.#waiters.settle(underway.version, error);
    this.#fallBack(underway);
    if (!isAwaited) this.#parts.onRefusal(error);
    this.flush();
  }

  /** The server shows us no more, and nobody here asked for that: it has to say why. */
  expelled(): void {
    if (this.#underway !== undefined || this.#shownText === undefined) return;
    this.#shownText = undefined;
    this.flush();
  }

  /** The connection is gone, and with it what is known of the server. */
  lost(): void {
    this.#mayLinger = this.#isShown || this.#underway !== undefined;
    this.#shownText = undefined;
    this.#underway = undefined;
    this.#stopTimer();
  }

  /** The session is over: nobody is shown by it any more. */
  close(error: SyncError): void {
    const isWanted = this.#claims.size > 0;
    this.#claims.clear();
    this.#shownText = undefined;
    this.#mayLinger = false;
    this.#underway = undefined;
    this.#stopTimer();
    this.#waiters.settle(this.#version, isWanted ? error : undefined);
  }

  get #latest(): Claim | undefined {
    return [...this.#claims.values()].at(-1);
  }

  get #isShown(): boolean {
    return this.#shownText !== undefined || this.#mayLinger;
  }

  #depart(claim: Claim | undefined): Underway {
    this.#stopTimer();
    this.#sentAt = this.#parts.clock.now();
    this.#underway = { claim, sent: claim?.wanted, version: this.#version };
    return this.#underway;
  }

  #isUnderway(departed: Underway): boolean {
    return this.#underway === departed;
  }

  /** To what was taken before; there is nothing else that could be shown. */
  #fallBack({ claim, sent }: Underway): void {
    if (claim === undefined) {
      // It does not take back what it shows, and would not the next time either.
      this.#shownText = undefined;
      this.#mayLinger = false;
    } else if (claim.wanted === sent) {
      if (claim.accepted === undefined || claim.accepted === sent) this.#drop(claim);
      else claim.wanted = claim.accepted;
    }
  }

  #drop(claim: Claim): void {
    for (const [owner, each] of this.#claims) if (each === claim) this.#claims.delete(owner);
  }

  #await(): Promise<void> {
    this.#version += 1;
    // Behind the code that is running: it may go on to subscribe, which takes this along.
    queueMicrotask(() => this.flush());
    return this.#waiters.wait(this.#version);
  }

  #flushLater(delayMs: number): void {
    this.#cancelTimer ??= this.#parts.clock.schedule(delayMs, () => {
      this.#cancelTimer = undefined;
      this.flush();
    });
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
