import { Emitter } from "../../shared/emitter.ts";
import type { WirePublication } from "../../shared/protocol/channel-messages.ts";
import type { Peer } from "../transport/websocket-client.ts";

/** One session that uses channels, on one connection of it. */
export interface AudienceMember {
  readonly sessionId: string;
  readonly userId: string;
  readonly peer: Peer;
  /** What it is subscribed to, the earliest first. */
  readonly topics: readonly string[];
  /**
   * Tells it alone something on a topic, outside of the topic's order: it cannot be recovered.
   * False when it is not subscribed.
   */
  tell(topic: string, publication: WirePublication): boolean;
}

/** Who uses channels on this process, and who comes and goes. */
export class ChannelAudience {
  /** A subscription of a member begins: nothing of the topic has reached it yet. */
  readonly subscribed = new Emitter<[member: AudienceMember, topic: string]>();
  /** A member's connection is gone, and with it its subscriptions to these topics. */
  readonly left = new Emitter<[member: AudienceMember, topics: readonly string[]]>();
  readonly #members = new Map<string, AudienceMember>();

  /** The member with the latest connection of that session. */
  find(sessionId: string): AudienceMember | undefined {
    return this.#members.get(sessionId);
  }

  add(member: AudienceMember): void {
    this.#members.set(member.sessionId, member);
  }

  remove(member: AudienceMember, topics: readonly string[]): void {
    // A connection that died unnoticed ends long after the one that took its place began.
    if (this.#members.get(member.sessionId) === member) this.#members.delete(member.sessionId);
    this.left.emit(member, topics);
  }
}
