import type { Client } from "@colyseus/core";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { PublishReceipt } from "../../shared/events/publication.ts";
import type {
  ChannelOperation,
  ChannelOperations,
  SubscribeAnswer,
} from "../../shared/protocol/channel-messages.ts";
import { JSON_PART_BYTES, MAX_JSON_DEPTH } from "../../shared/limits.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import type { Identity, RoomStream } from "../../shared/protocol/hello.ts";
import type { SavedMessage, SavedStream } from "../durability/tick-content.ts";
import type { Amounts } from "../limits/budget.ts";
import type { Meter } from "../metrics/meter.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import { Channel } from "./channel.ts";
import type { ChannelHub } from "./channel-hub.ts";
import { ChannelLog } from "./channel-log.ts";
import { ChannelSession } from "./channel-session.ts";
import { shapeOf } from "./json-shape.ts";
import { checkNames, readFlags, requireText } from "./draft.ts";
import { readPayload, sealPayload } from "./payload.ts";

type Arguments<Name extends ChannelOperation> = ChannelOperations[Name]["arguments"];

/** What a server lends to the rooms that carry its channels. */
export interface LentChannels {
  readonly hub: ChannelHub;
  /** The user behind a newer token of this client. Rejects with `auth-failed`. */
  readonly authenticate: (client: RoomClient, token: string) => Promise<Identity>;
}

/** The part of a durable room that keeps what the room published. */
export interface StreamNotes {
  readonly restored: { readonly stream: SavedStream | undefined } | undefined;
  noteEpoch(epoch: string): void;
  noteMessage(message: SavedMessage): void;
}

/** Carries channels over one room's connections, and the room's own publications. */
export class RoomChannels {
  readonly #hub: ChannelHub;
  readonly #authenticate: LentChannels["authenticate"];
  readonly #clock: Clock;
  readonly #sessions = new Map<Client, ChannelSession>();
  readonly #durable: StreamNotes | undefined;
  readonly #meter: Meter;
  #own: Channel | undefined;

  constructor(
    { hub, authenticate }: LentChannels,
    clock: Clock,
    durable: StreamNotes | undefined,
    meter: Meter,
  ) {
    this.#hub = hub;
    this.#authenticate = authenticate;
    this.#clock = clock;
    this.#durable = durable;
    this.#meter = meter;
  }

  /** What the room published that somebody may still ask for. */
  recentMessages(): SavedMessage[] {
    return this.#own?.log.recent() ?? [];
  }

  /** The room's own stream, for a client that joins now. */
  streamOf(roomId: string): RoomStream {
    const { topic, log } = this.#ownChannel(roomId);
    return { topic, position: log.position };
  }

  /** Publishes to everybody in the room, and to those who come back in time. */
  publish(roomId: string, event: string, data: unknown): void {
    checkNames({ event });
    const payload = sealPayload(data);
    const channel = this.#ownChannel(roomId);
    const id = `${channel.log.position.offset + 1}`;
    const publication = { id, event, data: payload.text, timestamp: this.#clock.now() };
    const sequenced = channel.log.append(publication, payload.bytes);
    this.#durable?.noteMessage({ ...sequenced, bytes: payload.bytes });
    channel.announce(sequenced);
  }

  /** Does what a client asks, as far as its limits allow. Rejects with a `SyncError`. */
  async perform(client: RoomClient, operation: string, claimed: unknown): Promise<unknown> {
    const session = this.#sessionOf(client);
    const given = (typeof claimed === "object" && claimed !== null ? claimed : {}) as never;
    const cost = costOf(operation, given);
    // Who wants to hear less is never refused, but pays for it.
    if (operation === "unsubscribe") session.budget.owe(cost);
    else session.budget.spend(cost);
    switch (operation as ChannelOperation) {
      case "subscribe":
        return this.#subscribe(session, given);
      case "unsubscribe":
        return session.unsubscribe(given);
      case "publish":
        return this.#publish(client, session, given);
      case "track":
        return session.track(given);
      case "untrack":
        return session.untrack(given);
      case "history":
        return session.history(given);
      case "edit": {
        const { topic, id, data } = given as Arguments<"edit">;
        return session.revise(topic, requireText(id, "message id"), readPayload(data));
      }
      case "delete": {
        const { topic, id } = given as Arguments<"delete">;
        return session.revise(topic, requireText(id, "message id"));
      }
      case "authenticate": {
        const { token } = given as Arguments<"authenticate">;
        const newer = requireText(token, "token");
        return session.renew(() => this.#authenticate(client, newer));
      }
      default: {
        const name = JSON.stringify(operation.slice(0, 40));
        throw new SyncError("unknown-message", `there is no channel operation ${name}`);
      }
    }
  }

  /** The client's connection is gone; it may come back. */
  suspend(client: Client): void {
    this.#sessions.get(client)?.suspend();
    this.#sessions.delete(client);
  }

  /** The client left on purpose: nobody has to wait for it. */
  leave(client: Client): void {
    this.#sessions.get(client)?.leave();
    this.#sessions.delete(client);
  }

  async #subscribe(
    session: ChannelSession,
    given: Arguments<"subscribe">,
  ): Promise<SubscribeAnswer> {
    const { topic, since } = given;
    const own = this.#own;
    const isOwn = own !== undefined && topic === own.topic;
    const answer = isOwn ? session.subscribeToRoom(own, since) : await session.subscribe(given);
    // Of a long replay, told when its last part is.
    if (answer.recovered !== undefined && answer.hasMore !== true) {
      this.#meter.recovered("topic", answer.recovered);
    }
    return answer;
  }

  async #publish(
    client: RoomClient,
    session: ChannelSession,
    given: Arguments<"publish">,
  ): Promise<PublishReceipt> {
    const { topic, event, data, id } = given;
    return session.publish({
      topic,
      event,
      data,
      ...(id === undefined ? {} : { id }),
      ...readFlags(given),
      sessionId: client.sessionId,
    });
  }

  #sessionOf(client: RoomClient): ChannelSession {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = new ChannelSession(this.#hub, client);
      this.#sessions.set(client, session);
      client.ref.once("close", (code: number) => {
        // A page that was closed says so; one that lost its connection cannot.
        if (code === CloseCode.GOING_AWAY) this.leave(client);
        else this.suspend(client);
      });
    }
    return session;
  }

  #ownChannel(roomId: string): Channel {
    if (this.#own !== undefined) return this.#own;
    const saved = this.#durable?.restored?.stream;
    const log = new ChannelLog(this.#clock, this.#hub.limits.window, saved);
    for (const { bytes, ...message } of saved?.messages ?? []) log.restore(message, bytes);
    this.#durable?.noteEpoch(log.position.epoch);
    // No topic begins like this: nobody can publish there, or take it for a channel.
    this.#own = new Channel(`$room:${roomId}`, log, this.#clock);
    return this.#own;
  }
}

/** What an operation takes of its session's budget, whatever comes of it. */
function costOf(operation: string, { data }: { readonly data?: unknown }): Amounts {
  if (operation === "publish" || operation === "edit") {
    return { publications: 1, publicationBytes: typeof data === "string" ? weigh(data) : 0 };
  }
  if (operation === "delete") return { publications: 1 };
  return operation === "history" ? { operations: 1, historyReads: 1 } : { operations: 1 };
}

/** A payload of many parts takes longer to read than its bytes say, unless it is refused unread. */
function weigh(json: string): number {
  const { depth, parts } = shapeOf(json);
  const least = depth > MAX_JSON_DEPTH ? 0 : parts * JSON_PART_BYTES;
  return Math.max(Buffer.byteLength(json), least);
}
