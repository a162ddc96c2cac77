import type { CancelTimer, Clock } from "../../shared/clock.ts";
import type { PresenceEvent, PresenceState } from "../../shared/events/presence-event.ts";
import { PRESENCE_GRACE_MS, PRESENCE_INTERVAL_MS } from "../../shared/limits.ts";
import { PacedChange } from "./paced-change.ts";

/** Whose presence it is; another object with the same ids is a later connection. */
export interface PresenceSession {
  readonly sessionId: string;
  readonly userId: string;
}

/** A state, and its JSON: what is shown and tracked again is no event. */
interface Shown {
  readonly state: PresenceState;
  readonly text: string;
}

interface TrackedSession {
  /** The connection that asked last; those before it have no say any more. */
  owner: PresenceSession;
  /** What it is to show, and what others were told; undefined: nothing. */
  wanted: Shown | undefined;
  shown: Shown | undefined;
  readonly pace: PacedChange;
  /** Set while its connection is lost. */
  cancelGrace: CancelTimer | undefined;
}

interface Member {
  /** Those that show something, the one that changed last at the end. */
  readonly sessions: Map<string, Shown>;
  shown: Shown;
}

/**
 * Who is on a channel: users, with their sessions inside. A user comes with the first
 * session that tracks something and goes with the last; in between, others see what was
 * tracked last. A lost connection is no leave for a while, by default 10 s. A session's
 * changes, its coming and going among them, reach others ten times a second at most, the
 * latest one always.
 */
export class ChannelPresence {
  readonly #clock: Clock;
  readonly #emit: (event: PresenceEvent) => void;
  readonly #graceMs: number;
  readonly #sessions = new Map<string, TrackedSession>();
  readonly #members = new Map<string, Member>();

  constructor(
    clock: Clock,
    emit: (event: PresenceEvent) => void,
    graceMs: number = PRESENCE_GRACE_MS,
  ) {
    this.#clock = clock;
    this.#emit = emit;
    this.#graceMs = graceMs;
  }

  get isEmpty(): boolean {
    // Without members there are those at most that have just gone or are about to come.
    const isAwaited = ({ wanted }: TrackedSession): boolean => wanted !== undefined;
    return this.#members.size === 0 && ![...this.#sessions.values()].some(isAwaited);
  }

  members(): PresenceState[] {
    return [...this.#members.values()].map(({ shown }) => shown.state);
  }

  /** The session shows this from now on; who it is and since when, whatever it claims, we say. */
  track(session: PresenceSession, claimed: Record<string, unknown>): void {
    const tracked = this.#find(session) ?? this.#add(session);
    endGrace(tracked);
    tracked.owner = session;
    this.#want(tracked, stamped(session, claimed, this.#clock.now()));
  }

  /** The session shows nothing any more: it said so. */
  untrack(session: PresenceSession): void {
    const tracked = this.#findOwn(session);
    if (tracked === undefined) return;
    endGrace(tracked);
    this.#want(tracked, undefined);
  }

  /** The session itself is over, and everybody sees it at once. */
  leave(session: PresenceSession): void {
    const tracked = this.#findOwn(session);
    if (tracked !== undefined) this.#end(tracked, "left");
  }

  /** The session's connection was lost; it counts as present until the grace has passed. */
  suspend(session: PresenceSession): void {
    const tracked = this.#find(session);
    if (tracked?.owner !== session || tracked.wanted === undefined) return;
    endGrace(tracked);
    if (this.#graceMs === Infinity) return;
    tracked.cancelGrace = this.#clock.schedule(this.#graceMs, () => {
      this.#end(tracked, "lost");
    });
  }

  /** Whether it is this connection that shows something, or is about to. */
  has(session: PresenceSession): boolean {
    const tracked = this.#find(session);
    return tracked?.owner === session && tracked.wanted !== undefined;
  }

  close(): void {
    for (const tracked of this.#sessions.values()) {
      endGrace(tracked);
      tracked.pace.stop();
    }
    this.#sessions.clear();
    this.#members.clear();
  }

  #find(session: PresenceSession): TrackedSession | undefined {
    return this.#sessions.get(keyOf(session));
  }

  /** What is the session's to end: its own, and what an earlier connection left behind. */
  #findOwn(session: PresenceSession): TrackedSession | undefined {
    const tracked = this.#find(session);
    const isTheirs = tracked?.owner === session || tracked?.cancelGrace !== undefined;
    return isTheirs ? tracked : undefined;
  }

  #add(session: PresenceSession): TrackedSession {
    const key = keyOf(session);
    const apply = (): void => this.#apply(tracked, "left");
    const forget = (): void => {
      if (tracked.wanted === undefined) this.#sessions.delete(key);
    };
    const pace = new PacedChange(this.#clock, PRESENCE_INTERVAL_MS, apply, forget);
    const tracked: TrackedSession = {
      owner: session,
      wanted: undefined,
      shown: undefined,
      pace,
      cancelGrace: undefined,
    };
    this.#sessions.set(key, tracked);
    return tracked;
  }

  #want(tracked: TrackedSession, wanted: Shown | undefined): void {
    tracked.wanted = wanted;
    if (wanted?.text === tracked.shown?.text) tracked.pace.withdraw();
    else tracked.pace.request();
  }

  #end(tracked: TrackedSession, reason: "left" | "lost"): void {
    endGrace(tracked);
    tracked.pace.stop();
    tracked.wanted = undefined;
    this.#sessions.delete(keyOf(tracked.owner));
    this.#apply(tracked, reason);
  }

  /** Others are told of the session what it wants to show. */
  #apply(tracked: TrackedSession, reason: "left" | "lost"): void {
    const { owner, wanted } = tracked;
    if (tracked.shown?.text === wanted?.text) return;
    tracked.shown = wanted;
    const { sessionId, userId } = owner;
    const member = this.#members.get(userId);
    if (member === undefined) {
      if (wanted === undefined) return;
      this.#members.set(userId, { sessions: new Map([[sessionId, wanted]]), shown: wanted });
      this.#announce({ event: "presence:join", data: wanted.state, sessionId });
      return;
    }
    member.sessions.delete(sessionId);
    if (wanted !== undefined) member.sessions.set(sessionId, wanted);
    const latest = [...member.sessions].at(-1);
    if (latest !== undefined) {
      this.#show(member, ...latest);
      return;
    }
    this.#members.delete(userId);
    this.#announce({ event: "presence:leave", data: member.shown.state, reason, sessionId });
  }

  #show(member: Member, sessionId: string, shown: Shown): void {
    const old = member.shown;
    if (old.text === shown.text) return;
    member.shown = shown;
    const { state } = shown;
    this.#announce({ event: "presence:update", data: state, old: old.state, sessionId });
  }

  #announce(event: Omit<PresenceEvent, "timestamp">): void {
    this.#emit({ ...event, timestamp: this.#clock.now() });
  }
}

/** Of what is the server's to say, a state has what it claims; presence has no id, no offset. */
function stamped(
  { userId, sessionId }: PresenceSession,
  { id: _id, offset: _offset, timestamp, ...claimed }: Record<string, unknown>,
  now: number,
): Shown {
  const own = Object.hasOwn(claimed, "sessionId") ? { userId, sessionId } : { userId };
  const state: PresenceState = { ...claimed, ...own };
  // The time is no part of it: the same state again is no event.
  const text = JSON.stringify(state);
  return { state: timestamp === undefined ? state : { ...state, timestamp: now }, text };
}

function keyOf({ sessionId, userId }: PresenceSession): string {
  return JSON.stringify([userId, sessionId]);
}

function endGrace(tracked: TrackedSession): void {
  tracked.cancelGrace?.();
  tracked.cancelGrace = undefined;
}
