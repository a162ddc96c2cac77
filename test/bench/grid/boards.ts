import { ArraySchema, schema, t, type SchemaType } from "@colyseus/schema";
import { grid } from "../../../shared/state/grid-field.ts";
import { SHAPE, type Picture } from "./pictures.ts";

/** The same board as the type under test, and as the best that stock schema has for it. */
export const GridBoard = schema({ canvas: grid(SHAPE) }, "GridBoard");
export type GridBoard = SchemaType<typeof GridBoard>;

export const ArrayBoard = schema({ canvas: t.array("uint8") }, "ArrayBoard");
export type ArrayBoard = SchemaType<typeof ArrayBoard>;

export type BoardKind = "grid" | "array";

/** A state with that picture on its board, and the one thing that happens to it. */
export interface Board {
  readonly state: GridBoard | ArrayBoard;
  set(index: number, value: number): void;
}

export function createBoard(kind: BoardKind, picture: Picture): Board {
  return kind === "grid" ? createGridBoard(picture) : createArrayBoard(picture);
}

function createGridBoard(picture: Picture): Board {
  const state = new GridBoard();
  const { canvas } = state;
  canvas.setRect(0, 0, SHAPE.width, SHAPE.height, picture);
  return {
    state,
    set: (index, value) => {
      canvas.set(index % SHAPE.width, Math.floor(index / SHAPE.width), value);
    },
  };
}

function createArrayBoard(picture: Picture): Board {
  const state = new ArrayBoard();
  const canvas = new ArraySchema<number>();
  for (const value of picture) canvas.push(value);
  state.canvas = canvas;
  return {
    state,
    set: (index, value) => {
      canvas[index] = value;
    },
  };
}
