import assert from "node:assert/strict";
import { readAnswer, type Sequenced } from "../../client/channels/read-news.ts";
import { TopicStream } from "../../client/channels/topic-stream.ts";
import { Channel } from "../../server/channels/channel.ts";
import { ChannelLog, type SequencedPublication } from "../../server/channels/channel-log.ts";
import { FakeClock } from "./fake-clock.ts";
import { RecordedSubscriber } from "./recorded-subscriber.ts";
import { MODEL_WINDOW } from "./recovery-model.ts";

const TOPIC = "chat/general";

/** An application behind the client's own code for recovery. */
class Listener {
  readonly name: string;
  readonly seen: string[] = [];
  losses = 0;
  readonly #stream = new TopicStream();
  #connection: RecordedSubscriber | undefined;
  #stale: RecordedSubscriber[] = [];
  #heard = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes what has arrived on its connection since the last call. */
  listen(): void {
    const arrived = this.#connection?.news.slice(this.#heard) ?? [];
    this.#heard += arrived.length;
    for (const news of arrived) {
      assert.ok(news.kind === "publication" || news.kind === "revision");
      const arrival = this.#stream.take(placeOf(news));
      assert.notEqual(arrival, "gap", "one connection brings everything in order");
      if (arrival === "next") this.#see(placeOf(news));
    }
  }

  /**
   * Asks on a new connection from where it stands, `times` times over; every answer is taken.
   * The connection before it may still be open for the server.
   */
  resume(channel: Channel, times: number): void {
    this.listen();
    const since = this.#stream.position;
    for (let time = 1; time <= times; time += 1) {
      if (this.#connection !== undefined) this.#stale.push(this.#connection);
      this.#connection = new RecordedSubscriber(this.name);
      this.#heard = 0;
      const answer = readAnswer(channel.subscribe(this.#connection, since));
      for (const { offset } of [...answer.publications, ...answer.revisions]) {
        assert.ok(offset! > since!.offset);
      }
      if (answer.recovered === false && time === 1) this.losses += 1;
      for (const told of this.#stream.catchUp(answer)) this.#see(placeOf(told));
    }
  }

  drop(channel: Channel): void {
    this.listen();
    if (this.#connection !== undefined) channel.unsubscribe(this.#connection);
    this.#connection = undefined;
    this.closeStale(channel);
  }

  /** The server notices that earlier connections have ended. */
  closeStale(channel: Channel): void {
    for (const connection of this.#stale) channel.unsubscribe(connection);
    this.#stale = [];
  }

  #see({ offset }: Place): void {
    this.seen.push(`${this.#stream.position?.epoch}/${offset}`);
  }
}

type Place = { readonly offset?: number };

function placeOf(told: Sequenced): Place {
  return told.kind === "publication" ? told.publication : told.revision;
}

/** The real thing: a channel and its log on the server, and listeners of it. */
export class RecoverySystem {
  readonly clock = new FakeClock(0);
  readonly listeners = new Map<string, Listener>();
  #log = this.#newLog();
  #channel = new Channel(TOPIC, this.#log, this.clock);
  /** Names of the epochs, which are random, in the order in which they began. */
  readonly #epochs = [this.#log.position.epoch];
  #kept: { publication: SequencedPublication; bytes: number; isDeleted: boolean }[] = [];

  get offset(): number {
    return this.#log.position.offset;
  }

  listener(name: string): Listener {
    const listener = this.listeners.get(name) ?? new Listener(name);
    this.listeners.set(name, listener);
    return listener;
  }

  publish(id: string, bytes: number): number {
    const known = this.#log.receiptOf(id);
    if (known !== undefined) return known.offset!;
    const timestamp = this.#log.nextTimestamp();
    const publication = this.#log.append(
      { id, event: "message", data: JSON.stringify(id), timestamp },
      bytes,
    );
    this.#kept.push({ publication, bytes, isDeleted: false });
    this.#channel.announce(publication);
    return publication.offset;
  }

  /** Edits a stored message, or without `bytes` deletes it. */
  revise(id: string, bytes?: number): void {
    const at = this.clock.now();
    const message = {
      id,
      room_id: TOPIC,
      user_id: "",
      event: "message",
      created_at: 0,
      cursor: "",
    };
    this.#channel.announceRevision(
      bytes === undefined
        ? { ...message, data: "null", deleted_at: at }
        : { ...message, data: `"${"x".repeat(bytes - 2)}"`, edited_at: at },
    );
    const kept = this.#kept.findLast(({ publication }) => publication.id === id);
    if (kept !== undefined) kept.isDeleted = bytes === undefined;
  }

  resume(name: string, times: number): void {
    this.listener(name).resume(this.#channel, times);
  }

  drop(name: string): void {
    this.listener(name).drop(this.#channel);
  }

  closeStale(name: string): void {
    this.listener(name).closeStale(this.#channel);
  }

  restart(kept: number | undefined): void {
    for (const listener of this.listeners.values()) listener.drop(this.#channel);
    this.#channel.presence.close();
    if (kept === undefined) {
      this.#log = this.#newLog();
      this.#kept = [];
      this.#epochs.push(this.#log.position.epoch);
    } else {
      this.#log = new ChannelLog(this.clock, MODEL_WINDOW, this.#log.position);
      const { offset } = this.#log.position;
      // As from a store: back to the first place that none of its messages has.
      const unbroken = this.#kept
        .toReversed()
        .findIndex(({ publication }, at) => publication.offset !== offset - at);
      const count = Math.min(kept, unbroken < 0 ? this.#kept.length : unbroken);
      this.#kept = count === 0 ? [] : this.#kept.slice(-count);
      for (const { publication, bytes, isDeleted } of this.#kept) {
        this.#log.restore(publication, bytes, isDeleted);
      }
    }
    this.#channel = new Channel(TOPIC, this.#log, this.clock);
  }

  /** What a listener was told, with epochs by number. */
  seenBy(name: string): string[] {
    const listener = this.listener(name);
    listener.listen();
    return listener.seen.map((place) => {
      const [epoch, offset] = place.split("/");
      return `${this.#epochs.indexOf(epoch!)}/${offset}`;
    });
  }

  #newLog(): ChannelLog {
    return new ChannelLog(this.clock, MODEL_WINDOW);
  }
}
