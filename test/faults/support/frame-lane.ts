import type { Clock } from "../../../shared/clock.ts";

export type FrameMatcher = (frame: Uint8Array) => boolean;

/** What happens when a frame comes along that a test waits for. */
interface Trap {
  readonly matches: FrameMatcher;
  readonly spring: () => void;
  /** Whether that frame still gets through. */
  readonly passes: boolean;
}

/**
 * One direction of one connection. What goes in comes out in the same order, as TCP has it;
 * a test decides when, whether, and how often. For transports that are not TCP it can also
 * lose frames, or swap them.
 */
export class FrameLane {
  #held: (() => void)[] | undefined;
  #isSilent = false;
  #isRepeated: FrameMatcher = () => false;
  #isLost: FrameMatcher = () => false;
  #isSwapped: FrameMatcher = () => false;
  #overtaken: (() => void) | undefined;
  #trap: Trap | undefined;
  #delay: { clock: Clock; delayMs: () => number } | undefined;
  #dueAt = -Infinity;

  put(frame: Uint8Array, arrive: () => void): void {
    const trap = this.#trap;
    if (trap?.matches(frame) === true) {
      this.#trap = undefined;
      if (trap.passes) this.#carry(arrive);
      trap.spring();
      if (trap.passes) return;
    }
    if (this.#isLost(frame)) return;
    if (this.#overtaken === undefined && this.#isSwapped(frame)) {
      this.#overtaken = arrive;
      return;
    }
    this.#carry(arrive);
    if (this.#isRepeated(frame)) this.#carry(arrive);
    const overtaken = this.#overtaken;
    this.#overtaken = undefined;
    if (overtaken !== undefined) this.#carry(overtaken);
  }

  /** The end of the connection, which arrives behind every frame. */
  end(arrive: () => void): void {
    this.#carry(arrive);
  }

  /** What goes in waits from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** What waited arrives in one go. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const arrive of held) arrive();
  }

  /** What goes in, and what waited, never arrives. */
  silence(): void {
    this.#isSilent = true;
    this.#held = undefined;
  }

  /** Everything takes so long from now on. */
  delay(clock: Clock, delayMs: () => number): void {
    this.#delay = { clock, delayMs };
  }

  /** Frames like these arrive twice. */
  repeat(matches: FrameMatcher): void {
    this.#isRepeated = matches;
  }

  /** Frames like these never arrive. */
  lose(matches: FrameMatcher): void {
    this.#isLost = matches;
  }

  /** Frames like these arrive behind the one that follows them. */
  swap(matches: FrameMatcher): void {
    this.#isSwapped = matches;
  }

  /** Runs `spring` at the next frame like this, once; `passes`: behind it, else in its place. */
  trap(matches: FrameMatcher, spring: () => void, { passes }: { passes: boolean }): void {
    this.#trap = { matches, spring, passes };
  }

  #carry(arrive: () => void): void {
    if (this.#isSilent) return;
    if (this.#delay === undefined) {
      this.#arrive(arrive);
      return;
    }
    const { clock, delayMs } = this.#delay;
    // Never before what went in earlier.
    this.#dueAt = Math.max(this.#dueAt, clock.now() + delayMs());
    clock.schedule(this.#dueAt - clock.now(), () => this.#arrive(arrive));
  }

  #arrive(arrive: () => void): void {
    if (this.#isSilent) return;
    if (this.#held === undefined) arrive();
    else this.#held.push(arrive);
  }
}
