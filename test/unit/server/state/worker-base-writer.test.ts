import assert from "node:assert/strict";
import { compressCells } from "../../../../server/state/compress-cells.ts";
import { inlineBaseWriter } from "../../../../server/state/inline-base-writer.ts";
import { WorkerBaseWriter } from "../../../../server/state/worker-base-writer.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { runCommand } from "../../../support/run-command.ts";

const random = new SeededRandom(4);
const CELLS = Uint8Array.from({ length: 70_000 }, (_, at) =>
  at % 5 === 0 ? random.integer(0, 31) : 7,
);
/** Makes the worker throw: nothing checks what only our own code sends it. */
const POISON = null as unknown as Uint8Array;

describe("WorkerBaseWriter", () => {
  const writers: WorkerBaseWriter[] = [];

  function open(): WorkerBaseWriter {
    const writer = new WorkerBaseWriter();
    writers.push(writer);
    return writer;
  }

  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.close()));
  });

  it("writes what compressing on this thread would, for many boards at once", async () => {
    const writer = open();
    const bodies = await Promise.all([32, 64, 256].map((colors) => writer.write(CELLS, colors)));
    const expected = [32, 64, 256].map((colors) => Uint8Array.from(compressCells(CELLS, colors)));
    assert.deepEqual(bodies, expected);
    assert.deepEqual(
      Uint8Array.from(await inlineBaseWriter.write(CELLS, 32)),
      Uint8Array.from(bodies[0]!),
    );
  });

  it("reads the cells where they are, not a copy", async () => {
    const writer = open();
    const cells = new Uint8Array(new SharedArrayBuffer(70_000));
    await writer.write(cells, 32);
    cells.set(CELLS);
    assert.deepEqual(await writer.write(cells, 32), Uint8Array.from(compressCells(CELLS, 32)));
  });

  it("rejects what it died of and what waited behind, and goes on with a new worker", async () => {
    const writer = open();
    await writer.write(CELLS, 32);
    const dying = [writer.write(POISON, 32), writer.write(CELLS, 32)];
    const settled = await Promise.allSettled(dying);
    assert.ok(settled.every(({ status }) => status === "rejected"));
    assert.deepEqual(await writer.write(CELLS, 32), Uint8Array.from(compressCells(CELLS, 32)));
  });

  it("rejects what is being written when it is closed, and what comes later", async () => {
    const writer = open();
    const writing = assert.rejects(writer.write(CELLS, 32), /worker ended/);
    await writer.close();
    await writing;
    await assert.rejects(writer.write(CELLS, 32), { code: "closed" });
    await writer.close();
  });

  it("lets the process end, whether or not its worker is at work", async () => {
    const module = new URL("../../../../server/state/worker-base-writer.ts", import.meta.url);
    const program = `
      const { WorkerBaseWriter } = await import(${JSON.stringify(module.href)});
      const writer = new WorkerBaseWriter();
      const cells = new Uint8Array(70_000);
      const busy = setInterval(() => {}, 1_000);
      await writer.write(cells, 32);
      clearInterval(busy);
      void writer.write(new Uint8Array(16_000_000), 32).then(() => console.log("written"));
    `;
    const args = ["--input-type=module", "--eval", program];
    assert.equal(await runCommand(process.execPath, args, { timeout: 15_000 }), "");
  });
});
