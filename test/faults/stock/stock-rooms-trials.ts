import { ChildProgram } from "../../bench/child-program.ts";
import { inSeconds, shareWithin } from "../support/durations.ts";
import { ThrottlingProxy } from "../support/throttling-proxy.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "../trials/trial.ts";
import type { StockPlayersOptions, StockTally } from "./stock-players-program.ts";
import { StockServer } from "./stock-server.ts";

const CLIENTS = 100;
const ROOMS = 10;
const PER_SECOND = 200;
/** The SDK reconnects only where a connection has stood for 5 s. */
const BEFORE_MS = 6_000;
const AFTER_MS = 1_500;
const GOAL_MS = 5_000;

/** What is done to the server, or to its clients, while they play. */
type Fault = (server: StockServer, proxy: ThrottlingProxy) => Promise<readonly string[]>;

/** The stock server is killed without a word, and started again. */
export async function tryStockKilled(options: TrialOptions): Promise<TrialReport> {
  return await tryStockRooms("kill -9", options, async (server) => {
    await server.program.crash();
    await server.start();
    return [];
  });
}

/** The stock server is asked to end, and started again. */
export async function tryStockRestart(options: TrialOptions): Promise<TrialReport> {
  return await tryStockRooms("SIGTERM", options, async (server) => {
    const askedAt = performance.now();
    const code = await server.program.terminate();
    const tookMs = performance.now() - askedAt;
    await server.start();
    return [`exit code ${code} after ${inSeconds(tookMs)}`];
  });
}

/** Every connection to the stock server is cut in one moment. */
export async function tryStockStorm(options: TrialOptions): Promise<TrialReport> {
  return await tryStockRooms("all cut at once", options, async (_server, proxy) => {
    proxy.cut();
    return [];
  });
}

async function tryStockRooms(
  what: string,
  _options: TrialOptions,
  fault: Fault,
): Promise<TrialReport> {
  await using server = await StockServer.open();
  await using proxy = await ThrottlingProxy.open(server.url);
  await using players = new ChildProgram(new URL("stock-players-program.ts", import.meta.url));
  const asked: StockPlayersOptions = { url: proxy.url, clients: CLIENTS, rooms: ROOMS };
  await players.ask("open", asked);
  await players.ask("startMarking", PER_SECOND);
  await pass(BEFORE_MS);
  const notes = await fault(server, proxy);
  await pass(AFTER_MS);
  await players.ask("awaitBack");
  await players.ask("stopMarking");
  await pass(AFTER_MS);
  const tally = await players.ask<StockTally>("tally");
  const durationsMs = tally.absences.map(({ durationMs }) => durationMs);
  const lostSeats = tally.absences.filter(({ isSameSeat }) => !isSameSeat).length;
  const back = (shareWithin(durationsMs, GOAL_MS) * 100).toFixed(1);
  return {
    title: `stock Colyseus, ${CLIENTS} clients in ${ROOMS} rooms, ${what}`,
    outcome: {
      lost: tally.lost + tally.missed,
      duplicated: tally.duplicated,
      recoveredInMs: durationsMs,
    },
    notes: [
      `${tally.acknowledged} intents acknowledged, ${tally.lost} of them lost, ` +
        `${tally.refused} not answered; ${tally.missed} messages missed without a word`,
      `${tally.absences.length} absences, ${back} % back within ${inSeconds(GOAL_MS)}, ` +
        `${lostSeats} seats lost`,
      ...notes,
    ],
    broken: brokenOf({
      "no acknowledged intent is lost": tally.lost === 0,
      "no intent is applied twice": tally.duplicated === 0,
      "no message is lost without a word": tally.missed === 0,
      "every seat is regained": lostSeats === 0,
    }),
  };
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
