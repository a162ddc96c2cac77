import { ChildProgram } from "../../bench/child-program.ts";
import { Fleets } from "../fleet/fleets.ts";
import { planCut } from "../fleet/planned-cut.ts";
import type { TrialServer } from "../fleet/server-program.ts";
import { checkHistory } from "../support/check-history.ts";
import type { PublishedMessage } from "../support/history.ts";
import { reportOfVerdict, type TrialOptions, type TrialReport } from "./trial.ts";

const CLIENTS = 200;
const TOPICS = 50;
const TOPICS_EACH = 4;
const PER_SECOND = 1_000;
/** Of these, on the one topic whose window of 1,000 publications is 10 s long. */
const SERVER_PER_SECOND = 100;
const CUT_EVERY_MS = 100;
/** Away for longer than that window. */
const ABSENCE_MS = 13_000;
/** They hear the server's topic, as every client does whose number divides by `TOPICS`. */
const ABSENT = [0, 50, 100, 150];
const FIRST_ABSENCE_MS = 1_000;

/** A random connection is cut every 100 ms, in one of six ways. */
export async function tryRandomCuts({ random, seconds }: TrialOptions): Promise<TrialReport> {
  const program = new URL("../fleet/server-program.ts", import.meta.url);
  await using server = new ChildProgram(program);
  const asked: TrialServer = { port: 0 };
  const url = `ws://127.0.0.1:${await server.ask<number>("listen", asked)}`;
  const shape = { clients: CLIENTS, topics: TOPICS, topicsEach: TOPICS_EACH };
  await using fleets = await Fleets.open({ url, seed: random.seed, ...shape });

  await fleets.startPublishing(PER_SECOND - SERVER_PER_SECOND);
  await server.ask("startPublishing", SERVER_PER_SECOND);
  for (const [at, client] of ABSENT.entries()) {
    const beginsAfterMs = FIRST_ABSENCE_MS + at * 500;
    setTimeout(() => void fleets.keepAway(client, ABSENCE_MS), beginsAfterMs);
  }
  const cuts = await cutFor(seconds, () => fleets.cut(planCut(random, CLIENTS)));
  await Promise.all([fleets.stopPublishing(), server.ask("stopPublishing")]);

  const others = await server.ask<PublishedMessage[]>("published");
  const verdict = checkHistory(await fleets.finish(others));
  const { reconnects, cpuMs } = await fleets.usage();
  const ours = await server.ask<{ cpuMs: number; memoryMB: number }>("usage");
  return reportOfVerdict(
    `${CLIENTS} clients, ${TOPICS} topics, ${seconds} s, ${cuts} cuts`,
    verdict,
    [
      `${reconnects} connections after the first of each client; ${ABSENT.length} absences of ` +
        `${ABSENCE_MS / 1_000} s`,
      `CPU: server ${(ours.cpuMs / 1_000).toFixed(1)} s (${ours.memoryMB.toFixed(0)} MB), ` +
        `clients ${(cpuMs / 1_000).toFixed(1)} s`,
    ],
    verdict.flaggedGaps === 0 ? "nobody was away for longer than a window" : undefined,
  );
}

/** Cuts again and again until the time is over; resolves with how often. */
function cutFor(seconds: number, cut: () => Promise<void>): Promise<number> {
  const endsAt = performance.now() + seconds * 1_000;
  let cuts = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (performance.now() < endsAt) {
        cuts += 1;
        void cut();
        return;
      }
      clearInterval(timer);
      resolve(cuts);
    }, CUT_EVERY_MS);
  });
}
