import assert from "node:assert/strict";
import { schema, type SchemaType } from "@colyseus/schema";
import { silentLogger, type Logger } from "../../../../server/logger.ts";
import { GridBases } from "../../../../server/rooms/grid-bases.ts";
import type { BaseWriter } from "../../../../server/state/base-writer.ts";
import { compressCells } from "../../../../server/state/compress-cells.ts";
import type { Grid } from "../../../../shared/state/grid.ts";
import { grid } from "../../../../shared/state/grid-field.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { StatePair } from "../../shared/state/state-pair.ts";

const LARGE = { width: 300, height: 300, colors: 32 };
const Boards = schema(
  { first: grid(LARGE), second: grid(LARGE), small: grid({ width: 256, height: 256, colors: 8 }) },
  "GridBasesBoards",
);
type Boards = SchemaType<typeof Boards>;

/** A base that is done when the test says so. */
interface PendingBase {
  readonly cells: Uint8Array;
  readonly body: Uint8Array;
  finish(): Promise<void>;
  fail(): Promise<void>;
}

/** Boards in a state, and whoever looks after their bases. */
class Keeping {
  readonly pending: PendingBase[] = [];
  readonly reports: string[] = [];
  writtenCalls = 0;
  readonly bases: GridBases;
  readonly pair = new StatePair<Boards>(new Boards());
  readonly board = this.pair.encoder.state.first;

  constructor() {
    const random = new SeededRandom(1);
    const picture = Uint8Array.from({ length: 90_000 }, () => random.integer(0, 3));
    for (const board of [this.board, this.pair.encoder.state.second]) {
      board.setRect(0, 0, LARGE.width, LARGE.height, picture);
    }
    this.pair.tick();
    const logger: Logger = { ...silentLogger, error: (message) => this.reports.push(message) };
    const writer: BaseWriter = {
      write: (cells, colors) => this.#write(cells, colors),
      close: () => Promise.resolve(),
    };
    this.bases = new GridBases(writer, logger, () => {
      this.writtenCalls += 1;
    });
  }

  /** Looks after the first board, for which a base is there. */
  static async withBase(): Promise<{ keeping: Keeping; body: Uint8Array }> {
    const keeping = new Keeping();
    keeping.bases.add(keeping.board);
    keeping.bases.prepare();
    const { body, finish } = keeping.pending.shift()!;
    await finish();
    return { keeping, body };
  }

  /** Changes this many cells of the first board, in a tick of its own. */
  change(count: number): void {
    const { board } = this;
    const color = board.get(0, 0) === 11 ? 12 : 11;
    for (let at = 0; at < count; at++) board.set(at % 300, Math.floor(at / 300), color);
    this.pair.tick();
  }

  /** Whether a joiner gets this base, with what makes it equal to the server. */
  joins(body: Uint8Array): boolean {
    const joined = this.pair.join().state;
    this.pair.readers.pop();
    for (const name of ["first", "second", "small"] as const) {
      assert.equal(joined[name].checksum(), this.pair.encoder.state[name].checksum());
    }
    return Buffer.from(this.pair.fullState()).includes(Buffer.from(body));
  }

  #write(cells: Uint8Array, colors: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const body = compressCells(cells, colors);
      const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
      this.pending.push({
        cells,
        body,
        finish: () => (resolve(body), settled()),
        fail: () => (reject(new Error("the worker died")), settled()),
      });
    });
  }
}

describe("GridBases", () => {
  it("has a small board write its own base", () => {
    const { bases, pending, pair } = new Keeping();
    bases.add(pair.encoder.state.small);
    assert.equal(bases.prepare(), true);
    assert.equal(pending.length, 0);
  });

  it("has a base written for the first joiner of a large board, which waits for it", async () => {
    const keeping = new Keeping();
    const { bases, board, pending } = keeping;
    bases.add(board);
    assert.equal(pending.length, 0, "nothing is written before somebody joins");
    assert.equal(bases.prepare(), false);
    assert.equal(bases.prepare(), false);
    assert.equal(pending.length, 1);
    assert.equal(pending[0]!.cells, board.cells);
    assert.equal(keeping.writtenCalls, 0);
    await pending[0]!.finish();
    assert.equal(keeping.writtenCalls, 1);
    assert.equal(bases.prepare(), true);
    assert.ok(keeping.joins(pending[0]!.body));
  });

  it("gives joiners what changed while the base was being written, and since", async () => {
    const keeping = new Keeping();
    keeping.bases.add(keeping.board);
    keeping.bases.prepare();
    keeping.change(500);
    await keeping.pending[0]!.finish();
    assert.ok(keeping.joins(keeping.pending[0]!.body));
    keeping.change(700);
    assert.ok(keeping.joins(keeping.pending[0]!.body));
  });

  it("writes the next base after 4,096 changed cells, while joiners still get the last one", async () => {
    const { keeping, body } = await Keeping.withBase();
    keeping.change(4_096);
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.pending.length, 0);
    keeping.change(4_097);
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.pending.length, 1);
    assert.ok(keeping.joins(body));
    await keeping.pending[0]!.finish();
    assert.ok(keeping.joins(keeping.pending[0]!.body));
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.pending.length, 1);
  });

  it("has joiners wait when more than 65,536 cells changed, until the next base is there", async () => {
    const { keeping } = await Keeping.withBase();
    keeping.change(65_537);
    assert.equal(keeping.bases.prepare(), false);
    await keeping.pending[0]!.finish();
    assert.equal(keeping.bases.prepare(), true);
    assert.ok(keeping.joins(keeping.pending[0]!.body));
  });

  it("waits for every large board of the state", async () => {
    const keeping = new Keeping();
    keeping.bases.add(keeping.board);
    keeping.bases.add(keeping.pair.encoder.state.second);
    assert.equal(keeping.bases.prepare(), false);
    assert.equal(keeping.pending.length, 2);
    await keeping.pending[1]!.finish();
    assert.equal(keeping.bases.prepare(), false);
    await keeping.pending[0]!.finish();
    assert.equal(keeping.bases.prepare(), true);
    assert.ok(keeping.joins(keeping.pending[0]!.body));
  });

  it("lets everybody in when writing failed, also while the board goes on changing", async () => {
    const keeping = new Keeping();
    keeping.bases.add(keeping.board);
    assert.equal(keeping.bases.prepare(), false);
    await keeping.pending[0]!.fail();
    assert.equal(keeping.writtenCalls, 1);
    assert.deepEqual(keeping.reports, ["a board was not compressed off the main thread"]);
    keeping.change(300);
    keeping.bases.add(keeping.board);
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.pending.length, 1);
    assert.equal(keeping.joins(keeping.pending[0]!.body), false);
  });

  it("tries again after 4,096 more changed cells", async () => {
    const { keeping, body } = await Keeping.withBase();
    keeping.change(4_097);
    keeping.bases.prepare();
    await keeping.pending.shift()!.fail();
    assert.equal(keeping.joins(body), false, "the last base is out of date");
    keeping.change(4_096);
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.pending.length, 0);
    keeping.change(5_000);
    assert.equal(keeping.bases.prepare(), true);
    await keeping.pending[0]!.finish();
    assert.ok(keeping.joins(keeping.pending[0]!.body));
  });

  it("forgets a board that left the state, and the base that was being written for it", async () => {
    const { keeping, body } = await Keeping.withBase();
    keeping.change(65_537);
    assert.equal(keeping.bases.prepare(), false);
    keeping.bases.keep((board: Grid) => board !== keeping.board);
    assert.equal(keeping.bases.prepare(), true);
    assert.equal(keeping.joins(body), false);
    await keeping.pending[0]!.finish();
    assert.equal(keeping.joins(keeping.pending[0]!.body), false);
  });

  it("looks after a board that comes back as after a new one", async () => {
    const { keeping } = await Keeping.withBase();
    keeping.bases.keep(() => false);
    keeping.bases.add(keeping.board);
    assert.equal(keeping.bases.prepare(), false);
    keeping.change(10);
    await keeping.pending[0]!.finish();
    assert.ok(keeping.joins(keeping.pending[0]!.body));
  });
});
