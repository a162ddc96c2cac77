import assert from "node:assert/strict";
import { getMessageBytes, Protocol } from "@colyseus/core";
import { ResponseStatus } from "@colyseus/shared-types";
import { MemoryJournal } from "../../../../server/persistence/memory-journal.ts";
import { standaloneServices } from "../../../../server/rooms/room-services.ts";
import {
  TickPipeline,
  type TickPipelineOptions,
  type TickStep,
} from "../../../../server/rooms/tick-pipeline.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedClient } from "../../../support/recorded-client.ts";

const STATE = Uint8Array.of(Protocol.ROOM_STATE_PATCH, 9);

function message(text: string): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, "say", text);
}

function reply(id: number): Uint8Array {
  return getMessageBytes[Protocol.ROOM_RESPONSE](id, ResponseStatus.OK, undefined);
}

/** A pipeline whose room is what the test says it is. */
class Piped {
  readonly clock = new FakeClock();
  readonly journal = new MemoryJournal();
  readonly steps: TickStep[] = [];
  readonly errors: unknown[] = [];
  readonly pipeline: TickPipeline;
  readonly client: RecordedClient;
  isBusy = false;
  onStep: () => void = () => {};
  onEncode: () => void = () => {};
  intentIds: string[] = [];

  constructor(options: Partial<TickPipelineOptions> = {}) {
    this.pipeline = new TickPipeline({
      services: { ...standaloneServices, clock: this.clock, journal: this.journal },
      periodMs: () => 50,
      isBusy: () => this.isBusy,
      step: (step) => {
        this.steps.push(step);
        this.onStep();
      },
      encode: () => this.onEncode(),
      serializer: () => undefined,
      takeIntentIds: () => this.intentIds.splice(0),
      roomId: () => "room",
      isDurable: () => true,
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.client = new RecordedClient({ gate: this.pipeline.outbox });
  }

  /** Makes each commit wait; the result lets the waiting ones happen. */
  holdCommits(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.journal.intercept(() => promise);
    return resolve;
  }

  get savedIntents(): (readonly string[])[] {
    return this.journal.read("room").entries.map(({ intentIds }) => intentIds);
  }
}

describe("TickPipeline", () => {
  it("steps, encodes, and releases what both of them sent, with what waited before", async () => {
    const piped = new Piped({ isDurable: () => false });
    const { client } = piped;
    piped.onStep = () => client.raw(message("from the step"));
    piped.onEncode = () => client.raw(STATE);
    client.raw(reply(1));
    client.raw(message("before"));
    await piped.clock.advance(0);
    const expected = [STATE, message("before"), message("from the step"), reply(1)];
    assert.deepEqual(client.sent, expected);
    assert.equal(piped.pipeline.outbox.isEmpty, true);
  });

  it("is woken by what is sent, ticks once, and sleeps", async () => {
    const piped = new Piped({ isDurable: () => false });
    piped.onStep = () => piped.client.raw(message("again"));
    piped.client.raw(message("hi"));
    assert.equal(piped.pipeline.isAwake, true);
    await piped.clock.advance(10_000);
    assert.equal(piped.steps.length, 1);
    assert.equal(piped.pipeline.isAwake, false);
    assert.equal(piped.clock.pendingTimers, 0);
  });

  it("counts its ticks and tells each step how much time it covers", async () => {
    const piped = new Piped({ isDurable: () => false });
    const startedAt = piped.clock.now();
    piped.isBusy = true;
    piped.pipeline.wake();
    await piped.clock.advance(100);
    piped.isBusy = false;
    await piped.clock.advance(50);
    await piped.clock.advance(1_000);
    piped.pipeline.wake();
    await piped.clock.advance(0);
    assert.deepEqual(piped.steps, [
      { tick: 1, timestepMs: 50, now: startedAt },
      { tick: 2, timestepMs: 50, now: startedAt + 50 },
      { tick: 3, timestepMs: 50, now: startedAt + 100 },
      { tick: 4, timestepMs: 50, now: startedAt + 150 },
      { tick: 5, timestepMs: 1_000, now: startedAt + 1_150 },
    ]);
  });

  it("goes on with the tick when the step or the encoder throws, and reports it", async () => {
    const piped = new Piped({ isDurable: () => false });
    piped.onStep = () => {
      piped.client.raw(message("sent before it threw"));
      throw new Error("step");
    };
    piped.onEncode = () => {
      throw new Error("encoder");
    };
    piped.client.raw(reply(1));
    await piped.clock.advance(0);
    assert.deepEqual(piped.errors.map(String), ["Error: step", "Error: encoder"]);
    assert.deepEqual(piped.client.sent, [message("sent before it threw"), reply(1)]);
  });

  it("is one tick, also when the step asks for another", async () => {
    const piped = new Piped({ isDurable: () => false });
    piped.onStep = () => {
      piped.client.raw(message("before"));
      assert.equal(piped.pipeline.run(), false);
      piped.client.raw(message("after"));
    };
    piped.pipeline.wake();
    await piped.clock.advance(1_000);
    assert.deepEqual([piped.steps.length, piped.errors], [1, []]);
    assert.deepEqual(piped.client.sent, [message("before"), message("after")]);
  });

  it("keeps a tick's frames back until its intents are committed, and ticks on meanwhile", async () => {
    const piped = new Piped();
    const commit = piped.holdCommits();
    piped.intentIds = ["ada/1"];
    piped.client.raw(reply(1));
    await piped.clock.advance(0);
    piped.client.raw(message("of the next tick"));
    await piped.clock.advance(50);
    assert.equal(piped.steps.length, 2);
    assert.deepEqual(piped.client.sent, []);
    commit();
    await piped.clock.advance(0);
    assert.deepEqual(piped.savedIntents, [["ada/1"]]);
    assert.deepEqual(piped.client.sent, [reply(1), message("of the next tick")]);
  });

  it("saves nothing of a tick that changed nothing and applied nothing", async () => {
    const piped = new Piped();
    piped.client.raw(message("only words"));
    await piped.clock.advance(0);
    assert.deepEqual(piped.savedIntents, []);
    assert.deepEqual(piped.client.sent, [message("only words")]);
  });

  it("ticks once more when it closes, and then never again", async () => {
    const piped = new Piped({ isDurable: () => false });
    piped.isBusy = true;
    piped.pipeline.wake();
    await piped.clock.advance(50);
    piped.client.raw(reply(1));
    await piped.pipeline.close();
    assert.equal(piped.steps.length, 3);
    assert.deepEqual(piped.client.sent, [reply(1)]);
    piped.pipeline.wake();
    await piped.clock.advance(1_000);
    assert.equal(piped.steps.length, 3);
    assert.equal(piped.clock.pendingTimers, 0);
  });

  it("closes when its last tick is committed, and lets nothing overtake it", async () => {
    const piped = new Piped();
    const commit = piped.holdCommits();
    piped.intentIds = ["ada/1"];
    piped.client.raw(reply(1));
    let isClosed = false;
    const closing = piped.pipeline.close().then(() => (isClosed = true));
    piped.client.raw(message("while it closes"));
    piped.client.leave(4_001);
    await piped.clock.advance(1_000);
    assert.deepEqual([isClosed, piped.client.sent, piped.client.closes], [false, [], []]);
    commit();
    await closing;
    assert.deepEqual(piped.client.sent, [reply(1), message("while it closes")]);
    assert.deepEqual(piped.client.closes, [[4_001, undefined]]);
  });
});
