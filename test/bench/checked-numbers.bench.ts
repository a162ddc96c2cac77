import { Encoder, schema, t } from "@colyseus/schema";
import { checkNumbers } from "../../server/numbers/check-numbers.ts";
import { BenchReport, type Figure, median } from "./figures.ts";

// What it costs a tick that every number is checked, next to the same tick of a state whose
// numbers are not: setting and encoding, in turn, in this process.
const ROUNDS = Number(process.argv.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 5);
const TICKS = 300;
const ENTITIES = 1_000;
const SPAWNED = 100;
/** Nothing here may be encoded twice for want of room. */
const BUFFER_BYTES = 1 << 20;

/** Classes of its own for each side: what is checked is checked by class. */
function createWorld(name: string, isChecked: boolean): Record<string, (tick: number) => void> {
  const Entity = schema(
    { x: t.float32().default(0), y: t.float32().default(0), hp: t.uint8().default(9) },
    `${name}Entity`,
  );
  const World = schema(
    { all: t.map(Entity), list: t.array("uint8"), map: t.map("uint16") },
    `${name}World`,
  );
  const state = new World();
  const encoder = new Encoder(state);
  encoder.sharedBuffer = new Uint8Array(BUFFER_BYTES);
  if (isChecked) checkNumbers(encoder);
  const entities = Array.from({ length: ENTITIES }, () => new Entity());
  entities.forEach((entity, at) => {
    state.all.set(`entity ${at}`, entity);
    state.list.push(0);
    state.map.set(`key ${at}`, 0);
  });
  encoder.discardChanges();
  const endTick = (): void => {
    encoder.encode();
    encoder.discardChanges();
  };
  return {
    [`${ENTITIES} entities, 2 float32 each`](tick) {
      for (const entity of entities) {
        entity.x = (tick % 977) + 0.25;
        entity.y = (tick % 991) + 0.5;
      }
      endTick();
    },
    [`${ENTITIES} elements of an array`](tick) {
      for (let at = 0; at < ENTITIES; at++) state.list[at] = (tick + at) & 255;
      endTick();
    },
    [`${ENTITIES} entries of a map`](tick) {
      for (let at = 0; at < ENTITIES; at++) state.map.set(`key ${at}`, (tick + at) & 255);
      endTick();
    },
    [`${SPAWNED} entities come and go`](tick) {
      for (let at = 0; at < SPAWNED; at++) {
        state.all.set(`new ${at}`, new Entity({ x: tick, y: at, hp: 1 }));
      }
      endTick();
      for (let at = 0; at < SPAWNED; at++) state.all.delete(`new ${at}`);
      endTick();
    },
  };
}

function timed(run: () => void): number {
  const startedAt = performance.now();
  run();
  return performance.now() - startedAt;
}

const report = new BenchReport("not checked");
const figures: Figure[] = [];
const [open, checked] = [createWorld("Open", false), createWorld("Checked", true)];
for (const bench of Object.keys(open)) {
  const values: number[] = [];
  const baselines: number[] = [];
  // The first round is for the compiler.
  for (let round = 0; round <= ROUNDS; round++) {
    const [openMs, checkedMs]: [number[], number[]] = [[], []];
    for (let tick = 0; tick < TICKS; tick++) {
      const now = round * TICKS + tick;
      const sides = [
        () => openMs.push(timed(() => open[bench]!(now))),
        () => checkedMs.push(timed(() => checked[bench]!(now))),
      ];
      for (const side of tick % 2 === 0 ? sides : sides.toReversed()) side();
    }
    if (round === 0) continue;
    values.push(median(checkedMs));
    baselines.push(median(openMs));
  }
  figures.push({ bench, figure: "tick", unit: "ms", values, baselines });
}
report.table(figures);
report.json(figures);
report.machine();
