import assert from "node:assert/strict";
import { getMessageBytes, Protocol } from "@colyseus/core";
import { ResponseStatus } from "@colyseus/shared-types";
import type { TickToSave } from "../../../../server/persistence/room-store.ts";
import { standaloneParts } from "../../../../server/rooms/lent-parts.ts";
import {
  TickPipeline,
  type TickPipelineOptions,
  type TickStep,
} from "../../../../server/rooms/tick-pipeline.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedClient } from "../../../support/recorded-client.ts";

const STATE = Uint8Array.of(Protocol.ROOM_STATE_PATCH, 9);

const NOTES = Uint8Array.of(1, 2, 3);

function message(text: string): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, "say", text);
}

function reply(id: number): Uint8Array {
  return getMessageBytes[Protocol.ROOM_RESPONSE](id, ResponseStatus.OK, undefined);
}

/** A pipeline whose room is what the test says it is. */
class Piped {
  readonly clock = new FakeClock();
  /** Bytes of the ticks that were saved. */
  readonly saved: Uint8Array[] = [];
  readonly steps: TickStep[] = [];
  readonly errors: unknown[] = [];
  readonly pipeline: TickPipeline;
  readonly client: RecordedClient;
  isBusy = false;
  onStep: () => void = () => {};
  onEncode: () => void = () => {};
  /** What the next tick leaves to be saved. */
  notes: Uint8Array | undefined;
  #commit = Promise.resolve();

  constructor(options: Partial<TickPipelineOptions> = {}) {
    this.pipeline = new TickPipeline({
      lent: { ...standaloneParts, clock: this.clock },
      periodMs: () => 50,
      isBusy: () => this.isBusy,
      step: (step) => {
        this.steps.push(step);
        this.onStep();
      },
      encode: () => this.onEncode(),
      serializer: () => undefined,
      durable: {
        claim: { roomId: "room", token: 1 },
        isFrozen: false,
        takeTick: () => this.#takeNotes(),
        takeSnapshot: () => assert.fail("no snapshot is wanted"),
        append: async ({ bytes }) => {
          await this.#commit;
          this.saved.push(bytes);
        },
        saveSnapshot: () => assert.fail("no snapshot is wanted"),
      },
      firstTick: 1,
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.client = new RecordedClient({ gate: this.pipeline.outbox });
  }

  /** Makes each commit wait; the result lets the waiting ones happen. */
  holdCommits(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#commit = promise;
    return resolve;
  }

  #takeNotes(): TickToSave | undefined {
    const { notes } = this;
    this.notes = undefined;
    return notes && { tick: 1, bytes: notes, openSeats: 0, audit: [] };
  }
}

describe("TickPipeline", () => {
  it("steps, encodes, and releases what both of them sent, with what waited before", async () => {
    const piped = new Piped({ durable: undefined });
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
    const piped = new Piped({ durable: undefined });
    piped.onStep = () => piped.client.raw(message("again"));
    piped.client.raw(message("hi"));
    assert.equal(piped.pipeline.isAwake, true);
    await piped.clock.advance(10_000);
    assert.equal(piped.steps.length, 1);
    assert.equal(piped.pipeline.isAwake, false);
    assert.equal(piped.clock.pendingTimers, 0);
  });

  it("counts its ticks and tells each step how much time it covers", async () => {
    const piped = new Piped({ durable: undefined });
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
    const piped = new Piped({ durable: undefined });
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
    const piped = new Piped({ durable: undefined });
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
    piped.notes = NOTES;
    piped.client.raw(reply(1));
    await piped.clock.advance(0);
    piped.client.raw(message("of the next tick"));
    await piped.clock.advance(50);
    assert.equal(piped.steps.length, 2);
    assert.deepEqual(piped.client.sent, []);
    commit();
    await piped.clock.advance(0);
    assert.deepEqual(piped.saved, [NOTES]);
    assert.deepEqual(piped.client.sent, [reply(1), message("of the next tick")]);
  });

  it("saves nothing of a tick that changed nothing and applied nothing", async () => {
    const piped = new Piped();
    piped.client.raw(message("only words"));
    await piped.clock.advance(0);
    assert.deepEqual(piped.saved, []);
    assert.deepEqual(piped.client.sent, [message("only words")]);
  });

  it("ticks once more when it closes, and then never again", async () => {
    const piped = new Piped({ durable: undefined });
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
    piped.notes = NOTES;
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
