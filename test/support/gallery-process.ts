import { fileURLToPath } from "node:url";
import { PAGES_FOLDER } from "./gallery.ts";
import { RunningProgram } from "./running-program.ts";

const PROGRAM = fileURLToPath(new URL("gallery-program.ts", import.meta.url));

/** What a deploy changes, beside the process. */
export interface Deployed {
  /** Names the pages. */
  BUILD?: string;
  /** `next`: a board has a field more. */
  SCHEMA?: "next";
  COOLDOWN_MS?: string;
}

/**
 * The gallery in a process of its own, in a folder of its own, which stays where it is while
 * processes come and go. The pages must be built: see `buildPages`.
 */
export class GalleryProcess implements AsyncDisposable {
  readonly #folder: string;
  #program: RunningProgram | undefined;
  #port = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** On the port of the process before. */
  async start(deployed: Deployed = {}): Promise<void> {
    const environment = {
      ...deployed,
      PORT: String(this.#port),
      HOST: "127.0.0.1",
      PAGES: PAGES_FOLDER,
    };
    this.#program = new RunningProgram(process.execPath, [PROGRAM], environment, this.#folder);
    const address = await this.#program.waitForOutput(/^http:\/\//);
    this.#port = Number(new URL(address).port);
  }

  /** The exit code; null of a process that was killed. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    if (this.#program === undefined) throw new Error("no process was started");
    return await this.#program.stop(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }
}
