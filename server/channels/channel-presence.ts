import type { CancelTimer, Clock } from "../../shared/clock.ts";
import type { PresenceEvent, PresenceState } from "../../shared/events/presence-event.ts";
import { PRESENCE_GRACE_MS, PRESENCE_INTERVAL_MS } from "../../shared/limits.ts";

/** Whose presence it is; another object with the same ids is a later connection. */
export interface PresenceSession {
  readonly sessionId: string;
  readonly userId: string;
}

interface TrackedSession {
  /** The connection that tracked last; those before it have no say any more. */
  owner: PresenceSession;
  state: PresenceState;
  /** JSON of `state`: what is shown and tracked again is no event. */
  text: string;
  changedAt: number;
  cancelPending?: CancelTimer | undefined;
  /** Set while its connection is lost. */
  cancelGrace?: CancelTimer | undefined;
}

interface Member {
  readonly sessions: Map<string, TrackedSession>;
  shown: PresenceState;
  shownText: string;
}

/**
 * Who is on a channel: users, with their sessions inside. A user comes with the first
 * session that tracks something and goes with the last; in between, others see what was
 * tracked last. A lost connection is no leave for 10 s, and a session's changes reach
 * others ten times a second at most, the latest one always.
 */
export class ChannelPresence {
  readonly #clock: Clock;
  readonly #emit: (event: PresenceEvent) => void;
  readonly #members = new Map<string, Member>();

  constructor(clock: Clock, emit: (event: PresenceEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  members(): PresenceState[] {
    return [...this.#members.values()].map(({ shown }) => shown);
  }

  /** The session shows `state` from now on; its `userId` is ours, whatever it says. */
  track(session: PresenceSession, claimed: Record<string, unknown>): void {
    const state: PresenceState = { ...claimed, userId: session.userId };
    const text = JSON.stringify(state);
    const tracked = this.#find(session);
    if (tracked === undefined) {
      this.#add(session, state, text);
      return;
    }
    stopTimers(tracked);
    tracked.owner = session;
    if (tracked.text === text) return;
    const leftMs = tracked.changedAt + PRESENCE_INTERVAL_MS - this.#clock.now();
    const apply = (): void => this.#change(session, tracked, state, text);
    // Never longer than the interval: the machine's time may have been set back.
    const waitMs = Math.min(leftMs, PRESENCE_INTERVAL_MS);
    if (waitMs <= 0) apply();
    else tracked.cancelPending = this.#clock.schedule(waitMs, apply);
  }

  /** The session shows nothing any more: it said so. */
  untrack(session: PresenceSession): void {
    const tracked = this.#find(session);
    // What an earlier connection left behind is the session's as well.
    const isTheirs = tracked?.owner === session || tracked?.cancelGrace !== undefined;
    if (isTheirs) this.#remove(session, "left");
  }

  /** The session's connection was lost; it counts as present until the grace has passed. */
  suspend(session: PresenceSession): void {
    const tracked = this.#find(session);
    if (tracked?.owner !== session) return;
    tracked.cancelGrace?.();
    tracked.cancelGrace = this.#clock.schedule(PRESENCE_GRACE_MS, () => {
      this.#remove(session, "lost");
    });
  }

  /** Whether it is this connection that shows something. */
  has(session: PresenceSession): boolean {
    return this.#find(session)?.owner === session;
  }

  close(): void {
    for (const { sessions } of this.#members.values()) {
      for (const tracked of sessions.values()) stopTimers(tracked);
    }
    this.#members.clear();
  }

  #find({ sessionId, userId }: PresenceSession): TrackedSession | undefined {
    return this.#members.get(userId)?.sessions.get(sessionId);
  }

  #add(session: PresenceSession, state: PresenceState, text: string): void {
    const { sessionId, userId } = session;
    const tracked: TrackedSession = { owner: session, state, text, changedAt: this.#clock.now() };
    const member = this.#members.get(userId);
    if (member !== undefined) {
      member.sessions.set(sessionId, tracked);
      this.#show(member, tracked);
      return;
    }
    const sessions = new Map([[sessionId, tracked]]);
    this.#members.set(userId, { sessions, shown: state, shownText: text });
    this.#announce({ event: "presence:join", data: state, sessionId });
  }

  #change(
    { userId }: PresenceSession,
    tracked: TrackedSession,
    state: PresenceState,
    text: string,
  ): void {
    const member = this.#members.get(userId);
    if (member === undefined) return;
    Object.assign(tracked, { state, text, changedAt: this.#clock.now() });
    this.#show(member, tracked);
  }

  #remove({ sessionId, userId }: PresenceSession, reason: "left" | "lost"): void {
    const member = this.#members.get(userId);
    const tracked = member?.sessions.get(sessionId);
    if (member === undefined || tracked === undefined) return;
    stopTimers(tracked);
    member.sessions.delete(sessionId);
    const latest = [...member.sessions.values()].reduce<TrackedSession | undefined>(
      (best, each) => (best === undefined || each.changedAt >= best.changedAt ? each : best),
      undefined,
    );
    if (latest !== undefined) {
      this.#show(member, latest);
      return;
    }
    this.#members.delete(userId);
    this.#announce({ event: "presence:leave", data: member.shown, reason, sessionId });
  }

  #show(member: Member, { state, text, owner: { sessionId } }: TrackedSession): void {
    if (member.shownText === text) return;
    const old = member.shown;
    member.shown = state;
    member.shownText = text;
    this.#announce({ event: "presence:update", data: state, old, sessionId });
  }

  #announce(event: Omit<PresenceEvent, "timestamp">): void {
    this.#emit({ ...event, timestamp: this.#clock.now() });
  }
}

function stopTimers(tracked: TrackedSession): void {
  tracked.cancelGrace?.();
  tracked.cancelPending?.();
  tracked.cancelGrace = undefined;
  tracked.cancelPending = undefined;
}
