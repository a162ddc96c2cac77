import type { SchemaType } from "@colyseus/schema";
import { schema, t } from "@colyseus/schema";
import { grid } from "../../../../shared/state/grid-field.ts";

/** A board between other fields: whatever goes wrong with it shows in the one behind it. */
export const Board = schema(
  {
    title: t.string().default("board"),
    canvas: grid({ width: 30, height: 20, colors: 32 }),
    ticks: t.uint32().default(0),
  },
  "Board",
);
export type Board = SchemaType<typeof Board>;

const Layer = schema({ cells: grid({ width: 9, height: 7, colors: 3 }) }, "Layer");

/** Boards side by side, nested, in a map. */
export const Atlas = schema(
  {
    day: grid({ width: 12, height: 5, colors: 2 }),
    night: grid({ width: 7, height: 40, colors: 256 }),
    layer: t.ref(Layer),
    layers: t.map(Layer),
    spare: grid({ width: 4, height: 4, colors: 4 }),
    ticks: t.uint32().default(0),
  },
  "Atlas",
);
export type Atlas = SchemaType<typeof Atlas>;
export { Layer };
