import assert from "node:assert/strict";
import fc from "fast-check";
import { RecoveryModel, type ModelListener } from "../../../support/recovery-model.ts";
import { RecoverySystem } from "../../../support/recovery-system.ts";
import { runCount } from "../../../support/run-count.ts";

const RUNS = runCount(500, 10_000);
/** Another run: SEED=<number>. */
const SEED = process.env["SEED"] === undefined ? {} : { seed: Number(process.env["SEED"]) };

type Step = fc.Command<RecoveryModel, RecoverySystem>;

/** One thing that happens, to the model and to the system; then they have to agree. */
function step(text: string, act: (model: RecoveryModel, system: RecoverySystem) => void): Step {
  return {
    check: () => true,
    toString: () => text,
    run: (model, system) => {
      act(model, system);
      assert.equal(system.offset, model.offset);
      for (const [name, { seen, losses }] of model.listeners) {
        assert.deepEqual(system.seenBy(name), seen, `what ${name} was told`);
        assert.equal(system.listener(name).losses, losses, `losses that ${name} was told of`);
      }
    },
  };
}

/** What the resumes of the model came to. */
const reached = new Set<string>();

const publish = (id: string, bytes: number): Step =>
  step(`publish("${id}", ${bytes})`, (model, system) => {
    const { offset, isAgain } = model.publish(id, bytes);
    if (isAgain) reached.add("published again");
    assert.equal(system.publish(id, bytes), offset);
  });
const revise = (id: string, bytes?: number): Step =>
  step(`revise("${id}", ${bytes})`, (model, system) => {
    if (model.revise(id, bytes)) system.revise(id, bytes);
  });
const wait = (ms: number): Step =>
  step(`wait(${ms})`, (model, system) => {
    model.now += ms;
    system.clock.advanceSync(ms);
  });
const drop = (name: string): Step =>
  step(`drop("${name}")`, (model, system) => {
    listenerOf(model, name).isConnected = false;
    system.drop(name);
  });
const resume = (name: string, times: number): Step =>
  step(`resume("${name}", ${times})`, (model, system) => {
    reached.add(model.resume(listenerOf(model, name)));
    system.resume(name, times);
  });
const closeStale = (name: string): Step =>
  step(`closeStale("${name}")`, (_model, system) => system.closeStale(name));
const restart = (kept: number | undefined): Step =>
  step(`restart(${kept})`, (model, system) => {
    model.restart(kept);
    system.restart(kept);
  });

function listenerOf(model: RecoveryModel, name: string): ModelListener {
  const listener = model.listeners.get(name) ?? {
    isConnected: false,
    position: undefined,
    seen: [],
    losses: 0,
  };
  model.listeners.set(name, listener);
  return listener;
}

const names = fc.constantFrom("ada", "bob");
/** Few of them, so that many are published again or deleted while they are still there. */
const ids = fc.integer({ min: 1, max: 12 }).map((number) => `id-${number}`);

const histories = fc.commands(
  [
    fc.tuple(ids, fc.integer({ min: 1, max: 45 })).map((given) => publish(...given)),
    fc.tuple(ids, fc.constantFrom(1, 99, 100, 101)).map((given) => publish(...given)),
    fc.integer({ min: 1, max: 99_999 }).map((number) => publish(`new-${number}`, 5)),
    ids.map((id) => revise(id)),
    fc.tuple(ids, fc.integer({ min: 2, max: 60 })).map((given) => revise(...given)),
    fc.constantFrom(1, 99, 300, 1_000, 1_001).map(wait),
    names.map(drop),
    fc.tuple(names, fc.integer({ min: 1, max: 3 })).map((given) => resume(...given)),
    names.map(closeStale),
    fc.constantFrom(undefined, 0, 1, 3, 99).map(restart),
  ],
  { size: "+1", maxCommands: 100 },
);

function run(steps: Iterable<Step>): void {
  fc.modelRun(() => ({ model: new RecoveryModel(), real: new RecoverySystem() }), steps);
}

describe("the recovery of a channel, against its model", () => {
  it(`loses, doubles and reorders nothing in silence, in ${RUNS} histories`, function () {
    this.timeout(240_000);
    fc.assert(fc.property(histories, run), { ...SEED, numRuns: RUNS });
  });

  it("comes to every kind of answer in histories like those", () => {
    reached.clear();
    fc.assert(fc.property(histories, run), { seed: 1, numRuns: 300 });
    assert.deepEqual([...reached].toSorted(), [
      "another epoch",
      "began",
      "forgotten for its age",
      "forgotten for its bytes",
      "forgotten for its number",
      "forgotten in a restart",
      "nothing missed",
      "published again",
      "replayed",
      "replayed with what was revised",
      "replayed without what was taken back",
    ]);
  });
});
