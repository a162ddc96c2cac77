import { Encoder, type Schema, schema, type SchemaType, StateView, t } from "@colyseus/schema";
import { compactState } from "../../server/durability/state/compact-state.ts";
import { rebuildState, settleRebuilt } from "../../server/durability/state/rebuild-state.ts";
import { StateRecorder } from "../../server/durability/state/state-recorder.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { BenchReport, type Figure, median } from "./figures.ts";
import { type Picture, PICTURES, SHAPE } from "./grid/pictures.ts";

// What the record of a tick costs the thread that plays the game, next to the encoding of
// the same tick's patch; and what folding and rebuilding a board of 2000×2000 cells takes.
const ROUNDS = Number(process.argv.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 5);
const TICKS = 300;
const EDGE = SHAPE.width;
const PICTURE: Picture = PICTURES.place();
const ENTITIES = 1_000;
const PIXELS = 10;
const SAVED_TICKS = 1_000;
/** Nothing here may be encoded twice for want of room. */
const BUFFER_BYTES = 1 << 23;

const Board = schema({ canvas: grid(SHAPE) }, "BenchBoard");
const Entity = schema(
  {
    x: t.float32().default(0),
    y: t.float32().default(0),
    hp: t.uint8().default(9),
    name: t.string(),
  },
  "BenchEntity",
);
const Snapped = schema(
  {
    x: t.quantized({ min: 0, max: 1_000 }),
    y: t.quantized({ min: 0, max: 1_000 }),
    name: t.string(),
  },
  "BenchSnapped",
);
const Open = schema({ all: t.map(Entity) }, "BenchOpen");
const Hidden = schema({ all: t.map(Entity).view() }, "BenchHidden");
const Quantized = schema({ all: t.map(Snapped) }, "BenchQuantized");

interface TickCost {
  encodeMs: number;
  recordMs: number;
  patchBytes: number;
  recordBytes: number;
}

/** Medians over many ticks, once what is measured is warm. */
function measureTicks(state: Schema, change: () => void, view?: StateView): TickCost {
  const encoder = new Encoder(state);
  encoder.sharedBuffer = new Uint8Array(BUFFER_BYTES);
  const recorder = new StateRecorder(encoder);
  if (view !== undefined) view.add(state);
  const costs: TickCost[] = [];
  for (let tick = 0; tick < TICKS * 2; tick++) {
    change();
    const it = { offset: 0 };
    const startedAt = performance.now();
    let patch: Uint8Array = encoder.encode(it).slice();
    if (view !== undefined) patch = encoder.encodeView(view, it.offset, it);
    const encodedAt = performance.now();
    const record = recorder.takeChanges();
    const recordedAt = performance.now();
    encoder.discardChanges();
    costs.push({
      encodeMs: encodedAt - startedAt,
      recordMs: recordedAt - encodedAt,
      patchBytes: patch.byteLength,
      recordBytes: record?.byteLength ?? 0,
    });
  }
  const middle = (key: keyof TickCost): number =>
    median(costs.slice(TICKS).map((cost) => cost[key]));
  return {
    encodeMs: middle("encodeMs"),
    recordMs: middle("recordMs"),
    patchBytes: middle("patchBytes"),
    recordBytes: middle("recordBytes"),
  };
}

function moving<One extends Schema & { x: number; y: number }>(
  state: { all: { set(key: string, one: One): unknown } },
  make: () => One,
  random: SeededRandom,
): () => void {
  const all = Array.from({ length: ENTITIES }, make);
  all.forEach((one, at) => state.all.set(`entity ${at}`, one));
  return () => {
    for (const one of all) {
      one.x = random.next() * 1_000;
      one.y = random.next() * 1_000;
    }
  };
}

function board(random: SeededRandom): { state: SchemaType<typeof Board>; change: () => void } {
  const state = new Board();
  state.canvas.setRect(0, 0, EDGE, EDGE, PICTURE);
  const cell = (): number => random.integer(0, EDGE - 1);
  return {
    state,
    change: () => {
      for (let at = 0; at < PIXELS; at++) state.canvas.set(cell(), cell(), random.integer(0, 31));
    },
  };
}

interface FoldCost {
  compactMs: number;
  rebuildMs: number;
  encodeMs: number;
  snapshotBytes: number;
}

/** A painted board and the records of a thousand ticks. */
function measureFold(random: SeededRandom): FoldCost {
  const { state, change } = board(random);
  const encoder = new Encoder(state);
  encoder.sharedBuffer = new Uint8Array(BUFFER_BYTES);
  const recorder = new StateRecorder(encoder);
  const records: Uint8Array[] = [];
  for (let tick = 0; tick < SAVED_TICKS; tick++) {
    change();
    const record = recorder.takeChanges();
    if (record !== undefined) records.push(record);
    encoder.discardChanges();
  }
  const timed = <Result>(run: () => Result): [Result, number] => {
    const startedAt = performance.now();
    const result = run();
    return [result, performance.now() - startedAt];
  };
  state.canvas.setBase(undefined);
  const [, encodeMs] = timed(() => encoder.encodeAll());
  const [snapshot, compactMs] = timed(() => compactState(undefined, records));
  const [, rebuildMs] = timed(() => {
    const rebuilt = rebuildState(Board, { snapshot, changes: [] });
    settleRebuilt(new Encoder(rebuilt));
  });
  return { compactMs, rebuildMs, encodeMs, snapshotBytes: snapshot.byteLength };
}

const report = new BenchReport("patch, or full state");
const figures: Figure[] = [];

function add(bench: string, rounds: readonly TickCost[]): void {
  const values = (key: keyof TickCost): number[] => rounds.map((round) => round[key]);
  figures.push(
    {
      bench,
      figure: "record",
      unit: "ms",
      values: values("recordMs"),
      baselines: values("encodeMs"),
    },
    {
      bench,
      figure: "record",
      unit: "B",
      values: values("recordBytes"),
      baselines: values("patchBytes"),
    },
  );
}

const rounds = Array.from({ length: ROUNDS }, (_, at) => new SeededRandom(at + 1));
add(
  `${EDGE}×${EDGE}, ${PIXELS} px`,
  rounds.map((random) => {
    const { state, change } = board(random);
    return measureTicks(state, change);
  }),
);
add(
  `${ENTITIES} entities`,
  rounds.map((random) => {
    const state = new Open();
    return measureTicks(
      state,
      moving(state, () => new Entity().assign({ name: "somebody" }), random),
    );
  }),
);
add(
  `${ENTITIES} quantized entities`,
  rounds.map((random) => {
    const state = new Quantized();
    return measureTicks(
      state,
      moving(state, () => new Snapped().assign({ name: "somebody" }), random),
    );
  }),
);
add(
  `${ENTITIES} entities behind a view`,
  rounds.map((random) => {
    const state = new Hidden();
    const change = moving(state, () => new Entity().assign({ name: "somebody" }), random);
    return measureTicks(state, change, new StateView());
  }),
);
const folds = rounds.map(measureFold);
const of = (key: keyof FoldCost): number[] => folds.map((fold) => fold[key]);
const fold = `${EDGE}×${EDGE}, ${SAVED_TICKS} ticks`;
figures.push(
  {
    bench: fold,
    figure: "compactState",
    unit: "ms",
    values: of("compactMs"),
    baselines: of("encodeMs"),
  },
  {
    bench: fold,
    figure: "rebuildState",
    unit: "ms",
    values: of("rebuildMs"),
    baselines: of("encodeMs"),
  },
  {
    bench: fold,
    figure: "snapshot",
    unit: "kB",
    values: of("snapshotBytes").map((b) => b / 1_000),
    baselines: of("snapshotBytes").map((b) => b / 1_000),
  },
);
report.table(figures);
report.json(figures);
