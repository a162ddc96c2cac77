import type {
  PresenceEvent,
  PresenceEventName,
  PresenceState,
} from "../../shared/events/presence-event.ts";

/** What listeners are told of a member. The list of a newcomer names no session and no time. */
export interface PresenceChange extends Partial<Omit<PresenceEvent, "event" | "data">> {
  readonly event: PresenceEventName;
  readonly data: PresenceState;
}

/**
 * Who is on a channel, as this client knows. Whatever arrives twice, or late, becomes what
 * it means for somebody who knows what this view knows: a second join with the same state is
 * nothing, one with another state is an update.
 */
export class PresenceView {
  #members = new Map<string, PresenceState>();

  get members(): ReadonlyMap<string, PresenceState> {
    return this.#members;
  }

  /** Takes over what happened; undefined when the view knew it already. */
  apply(event: PresenceEvent): PresenceChange | undefined {
    const { userId } = event.data;
    if (event.event === "presence:leave") return this.#members.delete(userId) ? event : undefined;
    const change = changeOf(this.#members.get(userId), event.data);
    this.#members.set(userId, event.data);
    return change && { ...event, ...change };
  }

  /** The server's whole list; returns how it differs from what was known. */
  replace(list: readonly PresenceState[]): PresenceChange[] {
    const before = this.#members;
    this.#members = new Map(list.map((member) => [member.userId, member]));
    const gone = [...before.values()].filter(({ userId }) => !this.#members.has(userId));
    const left = gone.map((data) => ({ event: "presence:leave", data }) as const);
    const others = list.map((data) => changeOf(before.get(data.userId), data));
    return [...left, ...others.filter((change) => change !== undefined)];
  }

  clear(): void {
    this.#members = new Map();
  }
}

function changeOf(old: PresenceState | undefined, data: PresenceState): PresenceChange | undefined {
  if (old === undefined) return { event: "presence:join", data };
  if (JSON.stringify(old) === JSON.stringify(data)) return undefined;
  return { event: "presence:update", data, old };
}
