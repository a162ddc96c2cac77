import type { RoomSession } from "../room-session.ts";
import type { ChannelCarrier } from "./channel.ts";
import type { SessionChannels } from "./session-channels.ts";

/**
 * The client's own connection for channels: a seat in the server's hub room, taken when the
 * first channel needs it. Once it is over, kicked or refused for good, the next one that
 * needs it takes another.
 */
export class HubRoom implements ChannelCarrier {
  readonly #open: () => RoomSession;
  #session: RoomSession | undefined;
  #joined: Promise<void> = Promise.resolve();

  /** `open` makes a session of the hub room that nobody has joined yet. */
  constructor(open: () => RoomSession) {
    this.#open = open;
  }

  get channels(): SessionChannels {
    return this.#current().channels;
  }

  /** Resolves when the connection stands; rejects when it is refused for good, or closed. */
  connect(): Promise<void> {
    this.#current();
    return this.#joined;
  }

  #current(): RoomSession {
    if (this.#session !== undefined && this.#session.status !== "ended") return this.#session;
    const session = this.#open();
    this.#session = session;
    session.exchange.events.error.on((error) => session.channels.report(error));
    this.#joined = session.joinPatiently();
    // Channels tell in their own way what became of it.
    this.#joined.catch(() => undefined);
    return session;
  }
}
