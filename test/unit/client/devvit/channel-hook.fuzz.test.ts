import assert from "node:assert/strict";
import { ChannelHook } from "../../../../client/devvit/channel-hook.ts";
import { ChannelStatus } from "../../../../client/devvit/channel-status.ts";
import { openChannel } from "../../../../client/devvit/open-channel.ts";
import { DevvitSwitch } from "../../../../shared/devvit-switch.ts";
import { parseTopic } from "../../../../shared/topics.ts";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";
import { type SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";

const RUNS = 60;
const STEPS = 60;
const RENDERS = [{ wants: true }, { wants: true }, { wants: false }, { wants: undefined }];

/** A component whose renders and handlers want this and that, while connections come and go. */
class Chaos {
  readonly client = new FakeChannelClient();
  readonly hook: ChannelHook;
  readonly #random: SeededRandom;
  readonly #heard: number[] = [];
  #published = 0;
  #unmount: (() => void) | undefined;
  /** What the last render wanted, and what counts. */
  #declared: boolean | undefined;
  #isWanted = false;
  #isConnected = false;

  constructor(random: SeededRandom) {
    this.#random = random;
    const parts = {
      realtime: () => this.client.realtime,
      capabilities: new DevvitSwitch(),
      parseName: parseTopic,
    };
    this.hook = new ChannelHook((...given) => openChannel(parts, ...given));
    // Nothing else can happen to a component before that.
    void this.#render();
  }

  async step(): Promise<void> {
    const acts = [this.#render, this.#render, this.#renderInVain, this.#handle, this.#handle];
    const rest = [this.#unmountOrMount, this.#publish, this.#publish, this.#drop, this.#settle];
    await this.#random.pick([...acts, ...rest]).call(this);
  }

  /** Everything has come to rest: it is as the last one wanted it to be. */
  async check(): Promise<void> {
    await this.client.clock.advance(60_000);
    const isThere = this.#unmount !== undefined && this.#isWanted;
    assert.equal(
      this.hook.status(),
      isThere ? ChannelStatus.Connected : ChannelStatus.Disconnected,
    );
    this.#heard.length = 0;
    await this.#publish();
    await this.client.clock.advance(1_000);
    assert.deepEqual(this.#heard, isThere ? [this.#published] : []);
    this.#unmount?.();
    this.client.realtime.disconnect();
    await this.client.settle();
    assert.equal(this.client.clock.pendingTimers, 0);
  }

  async #render(): Promise<void> {
    const wants = this.#begin();
    if (wants !== this.#declared) this.#isWanted = wants ?? this.#isWanted;
    this.#declared = wants;
    this.hook.commit({
      name: "events",
      onMessage: (message) => {
        assert.ok(this.#isConnected, "a message comes between onSubscribed and onUnsubscribed");
        assert.ok(this.#heard.every((each) => each < Number(message)));
        this.#heard.push(Number(message));
      },
      onSubscribed: () => {
        assert.ok(!this.#isConnected, "onSubscribed comes once");
        this.#isConnected = true;
      },
      onUnsubscribed: () => {
        assert.ok(this.#isConnected, "onUnsubscribed comes once, and after onSubscribed");
        this.#isConnected = false;
      },
    });
    this.#unmount ??= this.hook.mount("events");
    this.hook.flush();
  }

  async #renderInVain(): Promise<void> {
    this.#begin();
    await this.client.settle();
  }

  /** What the render wants. */
  #begin(): boolean | undefined {
    this.hook.render();
    const { wants } = this.#random.pick(RENDERS);
    if (wants !== undefined) this.#call(wants);
    return wants;
  }

  async #handle(): Promise<void> {
    await this.client.settle();
    this.#isWanted = this.#random.next() < 0.5;
    this.#call(this.#isWanted);
  }

  #call(wants: boolean): void {
    if (wants) this.hook.subscribe();
    else this.hook.unsubscribe();
  }

  async #unmountOrMount(): Promise<void> {
    if (this.#unmount === undefined) {
      this.#unmount = this.hook.mount("events");
      return;
    }
    this.#unmount();
    this.#unmount = undefined;
    // Whoever is gone is not told.
    this.#isConnected = false;
  }

  async #publish(): Promise<void> {
    this.#published += 1;
    this.client.publish(this.#published, "events");
  }

  async #drop(): Promise<void> {
    this.client.server.drop();
    if (this.#random.next() < 0.5) await this.client.clock.advance(2_000);
  }

  async #settle(): Promise<void> {
    await this.client.settle();
  }
}

describe("ChannelHook, whatever is done to it", () => {
  const random = useSeededRandom();

  it(`ends as the last one wanted it, ${RUNS} times`, async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const chaos = new Chaos(random());
      // One thing after the other.
      // oxlint-disable no-await-in-loop
      for (let step = 0; step < STEPS; step += 1) await chaos.step();
      await chaos.check();
      // oxlint-enable no-await-in-loop
    }
  });
});
