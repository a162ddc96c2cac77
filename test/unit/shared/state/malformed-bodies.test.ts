import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { SyncError } from "../../../../shared/errors.ts";
import { deflatedCells, encodeAllCells } from "../../../../shared/state/all-cells.ts";
import { encodeCellPatch } from "../../../../shared/state/cell-patch.ts";
import { encodeFullState } from "../../../../shared/state/full-state.ts";
import { GridCells } from "../../../../shared/state/grid-cells.ts";
import type { GridShape } from "../../../../shared/state/grid-shape.ts";
import { encodeRuns } from "../../../../shared/state/run-length.ts";
import { runCount } from "../../../support/run-count.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import type { TestBoard } from "./boards.ts";
import { drawBoard } from "./boards.ts";

/** Seeds of mutations that found something once stay in this list. */
const KEPT_SEEDS = [1, 2, 3, 4];
const BODIES = runCount(20_000, 1_000_000);

const SHAPES: readonly (GridShape & { noise: number; density: number })[] = [
  { width: 40, height: 30, colors: 32, noise: 0.05, density: 0.02 },
  { width: 64, height: 64, colors: 5, noise: 0.001, density: 0.3 },
  { width: 17, height: 9, colors: 256, noise: 0.3, density: 1 },
  { width: 300, height: 2, colors: 2, noise: 0.2, density: 0.01 },
];

interface Body {
  readonly board: TestBoard;
  readonly isFull: boolean;
  readonly bytes: Uint8Array;
}

/** Every mode of full states and patches, for every shape. */
function goodBodies(random: SeededRandom): Body[] {
  return SHAPES.flatMap((shape) => {
    const board = drawBoard({ ...shape, seed: random.integer(0, 1e9) });
    const { cells, colors, indices } = board;
    const patch = encodeCellPatch(cells, colors, indices);
    const runs = encodeRuns(cells, colors, Infinity)!;
    const noisy = drawBoard({ ...shape, noise: 1, seed: random.integer(0, 1e9) });
    const bases = [
      encodeAllCells(cells, colors),
      encodeAllCells(noisy.cells, colors),
      Uint8Array.of(1, ...runs),
      deflatedCells(deflateRawSync(runs)),
    ];
    const full = bases.map((base) => Buffer.concat(encodeFullState(shape, base, patch)));
    return [
      ...full.map((bytes) => ({ board, isFull: true, bytes })),
      ...[...bases, patch].map((bytes) => ({ board, isFull: false, bytes })),
    ];
  });
}

function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let copy = bytes.slice();
  const edits = random.pick([1, 1, 2, 5]);
  for (let edit = 0; edit < edits; edit++) {
    // Half of the edits hit the head, where every byte decides about all that follows.
    const end = random.next() < 0.5 ? Math.min(12, copy.length) : copy.length;
    const at = random.integer(0, Math.max(0, end - 1));
    switch (random.integer(0, 5)) {
      case 0:
        copy = copy.slice(0, at);
        break;
      case 1:
        copy = Uint8Array.of(...copy.subarray(0, at), random.integer(0, 255), ...copy.subarray(at));
        break;
      case 2:
        copy = Uint8Array.of(...copy.subarray(0, at), ...copy.subarray(at + random.integer(1, 9)));
        break;
      case 3:
        copy[at] = random.pick([0, 1, 127, 128, 255]);
        break;
      default:
        copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 7));
    }
  }
  return copy;
}

/** What a client holds, and what it may hold after `bytes`: what it had, or a whole board. */
function decode(client: GridCells, { isFull }: Body, bytes: Uint8Array): boolean {
  const before = client.cells.slice();
  try {
    if (isFull) client.decodeFullState(bytes);
    else client.decodePatch(bytes);
  } catch (error) {
    assert.ok(error instanceof SyncError, `${String(error)} is no SyncError`);
    assert.equal(error.code, "state-malformed");
    assert.ok(Buffer.compare(client.cells, before) === 0, "a refused body changed cells");
    return false;
  }
  const { width, height, colors } = client.shape;
  assert.equal(client.cells.length, width * height);
  assert.ok(client.cells.every((value) => value < colors));
  return true;
}

function clientOf({ board }: Body): GridCells {
  const client = new GridCells(undefined);
  const base = encodeAllCells(new Uint8Array(board.cells.length), board.colors);
  const patch = encodeCellPatch(board.cells, board.colors, new Uint32Array(0));
  client.decodeFullState(Buffer.concat(encodeFullState(board, base, patch)));
  return client;
}

describe("A client's grid, given mutated bodies", () => {
  for (const seed of KEPT_SEEDS) {
    it(`refuses ${BODIES / KEPT_SEEDS.length} of them with seed ${seed}, or holds a whole board`, function () {
      this.timeout(600_000);
      const random = new SeededRandom(seed);
      const bodies = goodBodies(random);
      const clients = bodies.map(clientOf);
      bodies.forEach((body, at) => assert.ok(decode(clients[at]!, body, body.bytes)));
      let refused = 0;
      for (let count = 0; count < BODIES / KEPT_SEEDS.length; count++) {
        const at = random.integer(0, bodies.length - 1);
        const body = bodies[at]!;
        if (!decode(clients[at]!, body, mutated(body.bytes, random))) refused += 1;
        // A mutated full state may be a right one of another shape: back to the known board.
        if (clients[at]!.cells.length !== body.board.cells.length) clients[at] = clientOf(body);
      }
      assert.ok(refused > BODIES / KEPT_SEEDS.length / 3, `only ${refused} refused`);
    });
  }

  it("refuses a shape beyond the limits before it allocates anything", () => {
    for (const shape of [
      { width: 4_097, height: 1, colors: 2 },
      { width: 1, height: 100_000, colors: 2 },
      { width: 0, height: 1, colors: 2 },
      { width: 4_096, height: 4_096, colors: 257 },
      { width: 4_096, height: 4_096, colors: 1 },
    ]) {
      const bytes = Buffer.concat(encodeFullState(shape, Uint8Array.of(1, 0), Uint8Array.of(3, 0)));
      assert.throws(() => new GridCells(undefined).decodeFullState(bytes), {
        code: "state-malformed",
        message: /^grid (width|height|colours) \d+ is not an integer from \d to \d+$/,
      });
    }
  });

  it("refuses packed cells of the largest board that are not there before it allocates them", () => {
    const shape = { width: 4_096, height: 4_096, colors: 256 };
    const bytes = Buffer.concat(encodeFullState(shape, Uint8Array.of(0, 0), Uint8Array.of(3, 0)));
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => new GridCells(undefined).decodeFullState(bytes), {
      message: "packed cells of 1 bytes, 16777216 expected",
    });
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
  });
});
