import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChildProgram } from "../../bench/child-program.ts";
import { Fleets } from "../fleet/fleets.ts";
import type { TrialServer } from "../fleet/server-program.ts";
import { checkHistory } from "../support/check-history.ts";
import { reportOfVerdict, type TrialOptions, type TrialReport } from "./trial.ts";

const CLIENTS = 100;
const TOPICS = 20;
const TOPICS_EACH = 4;
const PER_SECOND = 300;
/** Long enough for everybody to be back before the next. */
const KILL_EVERY_MS = [5_000, 9_000] as const;

/** The server is killed without a word while it stores, and started again on its file. */
export async function tryKilledServer({ random, seconds }: TrialOptions): Promise<TrialReport> {
  const folder = await mkdtemp(join(tmpdir(), "atrium-faults-"));
  await using disposer = new AsyncDisposableStack();
  disposer.defer(() => rm(folder, { recursive: true, force: true }));
  let port = 0;
  const start = async (): Promise<ChildProgram> => {
    const server = new ChildProgram(new URL("../fleet/server-program.ts", import.meta.url));
    disposer.use(server);
    const asked: TrialServer = { port, store: `sqlite:${join(folder, "messages.db")}` };
    port = await server.ask<number>("listen", asked);
    return server;
  };
  let server = await start();
  const shape = { clients: CLIENTS, topics: TOPICS, topicsEach: TOPICS_EACH };
  const url = `ws://127.0.0.1:${port}`;
  const fleets = disposer.use(await Fleets.open({ url, seed: random.seed, ...shape }));

  await fleets.startPublishing(PER_SECOND);
  const endsAt = performance.now() + seconds * 1_000;
  let kills = 0;
  let downMs = 0;
  while (performance.now() < endsAt) {
    await new Promise((resolve) => setTimeout(resolve, random.integer(...KILL_EVERY_MS)));
    await server.crash();
    kills += 1;
    const diedAt = performance.now();
    server = await start();
    downMs += performance.now() - diedAt;
  }
  await fleets.stopPublishing();

  const verdict = checkHistory(await fleets.finish());
  const { reconnects } = await fleets.usage();
  return reportOfVerdict(
    `${CLIENTS} clients, ${TOPICS} stored topics, ${kills} times kill -9 of the server`,
    verdict,
    [
      `${reconnects} connections after the first of each client; ` +
        `down for ${(downMs / kills / 1_000).toFixed(1)} s each time`,
    ],
    kills === 0 ? "nobody was killed" : undefined,
  );
}
