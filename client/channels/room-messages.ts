import type { SyncError } from "../../shared/errors.ts";
import type { RealtimePayload, Recovery } from "../../shared/events/publication.ts";
import type { RoomStream } from "../../shared/protocol/hello.ts";
import type { RoomEvents } from "../room-events.ts";
import type { SessionChannels } from "./session-channels.ts";
import type { TopicSubscriber } from "./topic-subscriber.ts";

/**
 * What a room publishes, for those who listen to its messages. It is subscribed to when the
 * first of them comes; who listens in the turn of the join misses nothing since the join.
 */
export class RoomMessages implements TopicSubscriber {
  readonly #channels: SessionChannels;
  readonly #events: RoomEvents;
  /** As the server told it at the latest join. */
  #stream: RoomStream | undefined;
  #topic: string | undefined;
  #isWanted = false;
  #isPastJoin = false;
  /** The room is another one than before: what was published in between is gone. */
  #hasLost = false;

  constructor(channels: SessionChannels, events: RoomEvents) {
    this.#channels = channels;
    this.#events = events;
  }

  /** Somebody listens. */
  follow(): void {
    this.#isWanted = true;
    this.#subscribe();
  }

  connected(stream: RoomStream | undefined): void {
    this.#stream = stream;
    this.#isPastJoin = false;
    if (this.#topic !== undefined && this.#topic !== stream?.topic) {
      void this.#channels.unsubscribe(this.#topic, this);
      this.#topic = undefined;
      this.#hasLost = true;
    }
    if (this.#isWanted) this.#subscribe();
  }

  /** The turn of the join is over: what was published before is nobody's. */
  settled(): void {
    this.#isPastJoin = true;
  }

  handleLive(): void {
    if (!this.#hasLost || this.#topic === undefined) return;
    this.#hasLost = false;
    this.#events.recovery.emit({ topic: this.#topic, recovered: false, replayed: 0 });
  }

  handleLoss(): void {
    // The room's own `onDrop` tells it.
  }

  handlePublication({ event, data }: RealtimePayload): void {
    this.#events.emitMessage(event, data);
  }

  handleNotice({ event, data }: RealtimePayload): void {
    if (event === "recovery") this.#events.recovery.emit(data as Recovery);
  }

  handleRefusal(error: SyncError): void {
    this.#topic = undefined;
    this.#isWanted = false;
    this.#events.error.emit(error);
  }

  handleClose(): void {
    this.#topic = undefined;
  }

  handleError(error: SyncError): void {
    this.#events.error.emit(error);
  }

  #subscribe(): void {
    if (this.#topic !== undefined || this.#stream === undefined) return;
    const { topic, position } = this.#stream;
    this.#topic = topic;
    this.#channels.subscribe(topic, this, this.#isPastJoin ? undefined : position);
  }
}
