import type { BaseWriter } from "../../server/state/base-writer.ts";
import { compressCells } from "../../server/state/compress-cells.ts";
import { WorkerBaseWriter } from "../../server/state/worker-base-writer.ts";

/** The writer of a real server, which remembers what it wrote. */
export class CountingBaseWriter implements BaseWriter {
  readonly bodies: Uint8Array[] = [];
  readonly #writer = new WorkerBaseWriter();

  async write(cells: Uint8Array, colors: number): Promise<Uint8Array> {
    const body = await this.#writer.write(cells, colors);
    this.bodies.push(body);
    return body;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A writer that finishes when the test says so. */
export class HeldBaseWriter implements BaseWriter {
  #waiting: (() => void)[] = [];
  #isHeld = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const finish of this.#waiting.splice(0)) finish();
  }

  async write(cells: Uint8Array, colors: number): Promise<Uint8Array> {
    const body = compressCells(cells, colors);
    if (this.#isHeld) await new Promise<void>((finish) => this.#waiting.push(finish));
    return body;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A writer whose worker dies each time. */
export class FailingBaseWriter implements BaseWriter {
  tries = 0;

  async write(): Promise<Uint8Array> {
    this.tries += 1;
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("worker ended with 1");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
