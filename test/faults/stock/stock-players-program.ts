import { answerParent } from "../../bench/child-program.ts";
import { waitUntil } from "../../support/wait-until.ts";
import type { Absence } from "../rooms/tally-member.ts";
import { silenceConsole } from "./silence-console.ts";
import { StockPlayer } from "./stock-player.ts";

export interface StockPlayersOptions {
  readonly url: string;
  readonly clients: number;
  readonly rooms: number;
}

export interface StockTally {
  readonly acknowledged: number;
  readonly refused: number;
  /** Acknowledged, and not in the state. */
  readonly lost: number;
  readonly duplicated: number;
  readonly missed: number;
  readonly absences: readonly Absence[];
}

// Players with the stock SDK in a process of their own.
const TIMEOUT_MS = 60_000;
const MARK_EVERY_MS = 5;
let players: StockPlayer[] = [];
let marking: NodeJS.Timeout | undefined;
silenceConsole();

async function open({ url, clients, rooms }: StockPlayersOptions): Promise<void> {
  players = Array.from({ length: clients }, (_, at) => {
    return new StockPlayer(url, at, `tally-${at % rooms}`);
  });
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const player of players) await player.join();
}

function startMarking(perSecond: number): void {
  const startedAt = performance.now();
  let count = 0;
  marking = setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1_000;
    for (; count < due; count += 1) players[count % players.length]!.mark();
  }, MARK_EVERY_MS);
}

function tally(): StockTally {
  const sum = (of: (player: StockPlayer) => number): number =>
    players.reduce((total, player) => total + of(player), 0);
  return {
    acknowledged: sum(({ acknowledged }) => acknowledged.length),
    refused: sum(({ refused }) => refused),
    lost: sum((player) => player.count((times) => times === 0)),
    duplicated: sum((player) => player.count((times) => times > 1)),
    missed: sum(({ missed }) => missed),
    absences: players.flatMap(({ absences }) => absences),
  };
}

answerParent({
  open,
  startMarking,
  stopMarking: () => clearInterval(marking),
  awaitBack: () =>
    waitUntil(() => players.every(({ isBack }) => isBack), { timeoutMs: TIMEOUT_MS }),
  tally,
});
