import type { Client } from "@colyseus/core";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { MAX_PUBLICATIONS_PER_SECOND } from "../../shared/limits.ts";
import type {
  ChannelOperation,
  ChannelOperations,
} from "../../shared/protocol/channel-messages.ts";
import type { Identity, RoomStream } from "../../shared/protocol/hello.ts";
import { RateLimits } from "../rooms/user-limits.ts";
import type { RoomClient } from "../transport/websocket-client.ts";
import { Channel } from "./channel.ts";
import type { ChannelHub } from "./channel-hub.ts";
import { ChannelLog } from "./channel-log.ts";
import { ChannelSession } from "./channel-session.ts";
import { checkNames, payloadText, readFlags, requireText } from "./draft.ts";

type Arguments<Name extends ChannelOperation> = ChannelOperations[Name]["arguments"];

/** What a server lends to the rooms that carry its channels. */
export interface ChannelServices {
  readonly hub: ChannelHub;
  /** The user behind a newer token of this client. Rejects with `auth-failed`. */
  readonly authenticate: (client: RoomClient, token: string) => Promise<Identity>;
}

const PUBLISH_LIMIT = { count: MAX_PUBLICATIONS_PER_SECOND, windowMs: 1_000 };

/** Carries channels over one room's connections, and the room's own publications. */
export class RoomChannels {
  readonly #hub: ChannelHub;
  readonly #authenticate: ChannelServices["authenticate"];
  readonly #clock: Clock;
  readonly #sessions = new Map<Client, ChannelSession>();
  readonly #rateLimits: RateLimits;
  #own: Channel | undefined;

  constructor({ hub, authenticate }: ChannelServices, clock: Clock) {
    this.#hub = hub;
    this.#authenticate = authenticate;
    this.#clock = clock;
    this.#rateLimits = new RateLimits(clock);
  }

  /** The room's own stream, for a client that joins now. */
  streamOf(roomId: string): RoomStream {
    const { topic, log } = this.#ownChannel(roomId);
    return { topic, position: log.position };
  }

  /** Publishes to everybody in the room, and to those who come back in time. */
  publish(roomId: string, event: string, data: unknown): void {
    checkNames({ event });
    const text = payloadText(data);
    const channel = this.#ownChannel(roomId);
    const id = `${channel.log.position.offset + 1}`;
    const draft = { id, event, data, timestamp: this.#clock.now() };
    channel.announce(channel.log.append(draft, text.length));
  }

  /** Does what a client asks. Rejects with a `SyncError`. */
  async perform(client: RoomClient, operation: string, claimed: unknown): Promise<unknown> {
    const session = this.#sessionOf(client);
    const given = (typeof claimed === "object" && claimed !== null ? claimed : {}) as never;
    switch (operation as ChannelOperation) {
      case "subscribe": {
        const { topic, since } = given as Arguments<"subscribe">;
        if (this.#own !== undefined && topic === this.#own.topic) {
          return session.subscribeTo(this.#own, since);
        }
        return session.subscribe(given);
      }
      case "unsubscribe":
        return session.unsubscribe(given);
      case "publish":
        return this.#publish(client, given);
      case "track":
        return session.track(given);
      case "untrack":
        return session.untrack(given);
      case "history":
        return session.history(given);
      case "edit": {
        const { topic, id, data } = given as Arguments<"edit">;
        return this.#hub.revise(client.user, topic, requireText(id, "message id"), { to: data });
      }
      case "delete": {
        const { topic, id } = given as Arguments<"delete">;
        return this.#hub.revise(client.user, topic, requireText(id, "message id"));
      }
      case "authenticate":
        return this.#renew(client, session, given);
      default:
        throw new SyncError("unknown-message", `there is no channel operation "${operation}"`);
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

  /** Takes a newer token, and ends what its user is no longer allowed. */
  async #renew(
    client: RoomClient,
    session: ChannelSession,
    { token }: Arguments<"authenticate">,
  ): Promise<Identity> {
    client.renew(await this.#authenticate(client, requireText(token, "token")));
    await session.recheck();
    return client.user;
  }

  async #publish(client: RoomClient, given: Arguments<"publish">): Promise<unknown> {
    const { topic, event, data, id } = given;
    checkNames({ event, id });
    this.#rateLimits.take("publish", client.user.id, PUBLISH_LIMIT);
    return this.#hub.publish(
      { user: client.user },
      {
        topic,
        event,
        data,
        ...(id === undefined ? {} : { id }),
        ...readFlags(given),
        sessionId: client.sessionId,
      },
    );
  }

  #sessionOf(client: RoomClient): ChannelSession {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = new ChannelSession(this.#hub, client);
      this.#sessions.set(client, session);
      client.ref.once("close", () => this.suspend(client));
    }
    return session;
  }

  #ownChannel(roomId: string): Channel {
    this.#own ??= new Channel(`room:${roomId}`, new ChannelLog(this.#clock), this.#clock);
    return this.#own;
  }
}
