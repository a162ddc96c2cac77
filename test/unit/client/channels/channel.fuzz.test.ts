import assert from "node:assert/strict";
import type { Channel } from "../../../../client/channels/channel.ts";
import { CloseCode } from "../../../../shared/protocol/close-codes.ts";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";
import { type SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";

const TOPIC = "chat/general";
const RUNS = 40;
const STEPS = 60;

/** One `subscribe()` of one handle, and all that it was told: numbers, and where they broke off. */
class Span {
  readonly channel: Channel;
  readonly heard: (number | "resync")[] = [];
  #isLive = false;
  #isOver = false;

  constructor(client: FakeChannelClient) {
    this.channel = client.realtime.channel(TOPIC);
    this.channel
      .on("message", ({ data }) => this.#hear(data as number))
      .on("resync", () => this.#hear("resync"))
      .subscribe(() => (this.#isLive = true));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
    this.channel.unsubscribe();
  }

  /** In order, each once, and without a gap that was not told. */
  check(): void {
    let last: number | undefined;
    for (const each of this.heard) {
      if (each !== "resync" && last !== undefined) assert.equal(each, last + 1);
      last = each === "resync" ? undefined : each;
    }
  }

  #hear(what: number | "resync"): void {
    assert.ok(this.#isLive, "nothing comes before SUBSCRIBED");
    assert.ok(!this.#isOver, "nothing comes after unsubscribe");
    this.heard.push(what);
  }
}

/** Somebody else publishes numbers in order, while everything goes wrong that can. */
class Chaos {
  readonly #client = new FakeChannelClient();
  readonly #random: SeededRandom;
  readonly #spans: Span[] = [];
  #published = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  async run(): Promise<void> {
    this.#spans.push(new Span(this.#client));
    for (let step = 0; step < STEPS; step += 1) {
      this.#act(this.#random.integer(0, 13));
      await this.#letTimePass();
    }
    const { channels } = this.#client;
    channels.hold = undefined;
    channels.holdAnswer = undefined;
    channels.release();
    // The first one shows what was lost without a word, if anything was; the second is heard.
    for (const settleMs of [90_000, 20_000]) {
      await this.#client.clock.advance(settleMs);
      this.#publish();
    }
    await this.#client.clock.advance(20_000);
    for (const span of this.#spans) {
      span.check();
      if (!span.isOver)
        assert.equal(span.heard.at(-1), this.#published, "and now it is up to date");
    }
    const expected = this.#spans.some(({ isOver }) => !isOver) ? 1 : 0;
    assert.equal(channels.subscribers(TOPIC), expected);
  }

  #act(action: number): void {
    const { server, channels } = this.#client;
    const open = this.#spans.filter(({ isOver }) => !isOver);
    switch (action) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.#publish();
        return;
      case 4:
        server.drop();
        return;
      case 5:
        server.lastSocket?.pair.cut();
        return;
      case 6:
        this.#spans.push(new Span(this.#client));
        return;
      case 7:
        if (open.length > 1) open[this.#random.integer(0, open.length - 1)]!.end();
        return;
      case 8:
        this.#publishUnheard();
        return;
      case 9:
        channels.window = this.#random.integer(1, 5);
        return;
      case 10:
        channels.hold = ({ name }) => name === "subscribe" && this.#random.next() < 0.5;
        return;
      case 11:
        channels.holdAnswer = () => this.#random.next() < 0.5;
        return;
      case 12:
        channels.hold = undefined;
        channels.holdAnswer = undefined;
        channels.release();
        return;
      default:
        server.restart(CloseCode.SERVER_SHUTDOWN);
        return;
    }
  }

  #publish(): void {
    this.#published += 1;
    this.#client.publish(this.#published);
  }

  /** It never reaches us, and nobody says so. */
  #publishUnheard(): void {
    const { subscribers } = this.#client.channels.topic(TOPIC);
    const there = [...subscribers];
    subscribers.clear();
    this.#publish();
    for (const [seat, pair] of there) subscribers.set(seat, pair);
  }

  async #letTimePass(): Promise<void> {
    const steps = this.#random.integer(0, 12);
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    if (this.#random.next() < 0.4) await this.#client.clock.advance(this.#random.integer(0, 3_000));
  }
}

describe("Channel, whatever happens", () => {
  const random = useSeededRandom();

  it("hears everything once and in order, or is told that something is missing", async () => {
    for (let run = 0; run < RUNS; run += 1) await new Chaos(random()).run();
  });
});
