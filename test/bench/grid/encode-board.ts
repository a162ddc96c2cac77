import { ClientState, SchemaSerializer, type Client } from "@colyseus/core";
import { Encoder, type Schema } from "@colyseus/schema";
import { stderrLogger } from "../../../server/logger.ts";
import { GridBases } from "../../../server/rooms/grid-bases.ts";
import { SafeSerializer } from "../../../server/rooms/safe-serializer.ts";
import { inlineBaseWriter } from "../../../server/state/inline-base-writer.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { answerParent } from "../child-program.ts";
import { median } from "../figures.ts";
import { createBoard, type Board, type BoardKind } from "./boards.ts";
import { PICTURES, SHAPE, type Picture, type PictureName } from "./pictures.ts";

type Serializer = SafeSerializer | SchemaSerializer<Schema>;

// What one board costs a room of its kind, without sockets: memory, and ticks as the room's
// serializer makes them (encode the patch, hand it to a client, forget what changed).
const [kind, pictureName] = process.argv.slice(2) as [BoardKind, PictureName];

// Stock patches of 10,000 cells fit, as its documentation asks for.
Encoder.BUFFER_SIZE = 131_072;

const TICKS = { grid: 400, array: 30 } as const;

export interface EncodingReport {
  memoryMB: number;
  tickMs1: number;
  tickMs100: number;
  patchBytes10000: number;
  patchMs10000: number;
  /** Changing those cells, before the tick. */
  setMs10000: number;
}

async function measure(): Promise<EncodingReport> {
  const picture = PICTURES[pictureName]();
  const frames: Uint8Array[] = [];
  const client = {
    state: ClientState.JOINED,
    raw: (frame: Uint8Array) => frames.push(frame),
  } as unknown as Client;

  // The first board compiles everything; what the third one adds is what a board costs.
  const opened: Opened[] = [];
  const used: number[] = [];
  while (opened.length < 3) {
    used.push(await usedBytes());
    opened.push(await openBoard(picture, client));
    frames.length = 0;
  }
  const memoryMB = ((await usedBytes()) - used.at(-1)!) / 1_000_000;
  const { board, serializer } = opened.at(-1)!;

  function ticks(cells: number): { ms: number; setMs: number; bytes: number } {
    const random = new SeededRandom(cells);
    const setTimes: number[] = [];
    const times: number[] = [];
    for (let tick = 0; tick < TICKS[kind]; tick++) {
      const changes = Array.from({ length: cells }, (): [number, number] => [
        random.integer(0, picture.length - 1),
        random.integer(0, SHAPE.colors - 1),
      ]);
      const startedAt = performance.now();
      for (const [index, value] of changes) board.set(index, value);
      const setAt = performance.now();
      serializer.applyPatches([client], undefined);
      setTimes.push(setAt - startedAt);
      times.push(performance.now() - setAt);
    }
    const bytes = median(frames.map((frame) => frame.length));
    frames.length = 0;
    return { ms: median(times), setMs: median(setTimes), bytes };
  }

  const many = ticks(10_000);
  return {
    memoryMB,
    tickMs1: ticks(1).ms,
    tickMs100: ticks(100).ms,
    patchBytes10000: many.bytes,
    patchMs10000: many.ms,
    setMs10000: many.setMs,
  };
}

interface Opened {
  readonly board: Board;
  readonly serializer: Serializer;
}

/** A board in a room that has ticked before anybody came, and after somebody has. */
async function openBoard(picture: Picture, client: Client): Promise<Opened> {
  const board = createBoard(kind, picture);
  let wake = (): void => {};
  const written = new Promise<void>((resolve) => (wake = resolve));
  // On this thread, or the bytes of the base would count as those of the worker.
  const bases = new GridBases(inlineBaseWriter, stderrLogger, () => wake());
  const serializer =
    kind === "grid"
      ? new SafeSerializer({ onMutation: () => {}, bases })
      : new SchemaSerializer<Schema>();
  serializer.reset(board.state);
  serializer.applyPatches([], undefined);
  if (serializer instanceof SafeSerializer) {
    serializer.requestFullState(client);
    serializer.applyPatches([client]);
    await written;
    serializer.applyPatches([client]);
  }
  board.set(0, (picture[0]! + 1) % SHAPE.colors);
  serializer.applyPatches([client], undefined);
  return { board, serializer };
}

/** Of this thread: objects, and bytes outside the heap. */
async function usedBytes(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

answerParent({ measure });
