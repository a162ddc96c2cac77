import { processServer } from "../../server/process-server.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";

/** Open when the test began: it belongs to a `describe`. */
let before: RealtimeServer | undefined;

function openServer(): RealtimeServer | undefined {
  try {
    return processServer();
  } catch {
    return undefined;
  }
}

/**
 * Loaded by Mocha before any test. A process has one server at a time: one that a test left open
 * would fail every test behind it, those of other files, too. It is closed here, and the test
 * fails unless it has failed already, as one does that takes too long.
 */
export const mochaHooks = {
  beforeEach(): void {
    before = openServer();
  },

  async afterEach(this: Mocha.Context): Promise<void> {
    const left = openServer();
    if (left === undefined || left === before) return;
    await left.close();
    if (this.currentTest?.state === "passed") throw new Error("its server was left open");
  },

  async afterAll(): Promise<void> {
    const left = openServer();
    if (left === undefined) return;
    await left.close();
    throw new Error("a server of this file was left open");
  },
};
