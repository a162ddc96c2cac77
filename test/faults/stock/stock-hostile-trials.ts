import { Client } from "colyseus.js";
import { ChildProgram } from "../../bench/child-program.ts";
import type { AttackOptions, AttackReport } from "../rooms/attacker-program.ts";
import type { FloodOptions, FloodReport } from "../rooms/flooder-program.ts";
import type { Uncaught } from "../rooms/room-server-program.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "../trials/trial.ts";
import { StockServer } from "./stock-server.ts";

const FRAMES = { short: 20_000, long: 1_000_000 };
const MAX_CUT_MS = 1_000;

/** Frames that no client would send, to a stock room. */
export async function tryStockMalformed({ random, isLong }: TrialOptions): Promise<TrialReport> {
  await using server = await StockServer.open();
  await server.program.ask("watchUncaught");
  const room = await new Client(server.url).joinOrCreate("open", { name: "attacked" });
  const counts: number[] = [];
  room.onMessage("count", (count: number) => counts.push(count));
  await using attacker = new ChildProgram(new URL("../rooms/attacker-program.ts", import.meta.url));
  const asked: AttackOptions = {
    url: server.url,
    seed: random.seed,
    frames: FRAMES[isLong ? "long" : "short"],
    upgrades: 0,
    rooms: ["open"],
  };
  const attack = await attacker.ask<AttackReport>("attack", asked).catch((error: unknown) => error);
  const hasEnded = server.program.hasEnded;
  const uncaught: Uncaught = hasEnded
    ? { rejections: 0, exceptions: 0 }
    : await server.program.ask<Uncaught>("uncaught");
  void room.leave(false);
  const isGapless = counts.every((count, at) => at === 0 || count === counts[at - 1]! + 1);
  const sent = attack instanceof Error ? "some" : (attack as AttackReport).frames;
  return {
    title: `stock Colyseus, ${sent.toLocaleString("en")} mutated frames`,
    outcome: {},
    notes: [
      `${uncaught.rejections} unhandled rejections and ${uncaught.exceptions} uncaught exceptions, ` +
        `each of which would end a process that does not watch for them`,
    ],
    broken: brokenOf({
      "the process does not end": !hasEnded,
      "no rejection is unhandled": uncaught.rejections === 0,
      "no exception is uncaught": uncaught.exceptions === 0,
      "a bystander misses nothing of the room": isGapless && counts.length > 0,
    }),
  };
}

/** One client sends far too much to a stock room. */
export async function tryStockFloods(_options: TrialOptions): Promise<TrialReport> {
  await using server = await StockServer.open();
  await using flooder = new ChildProgram(new URL("../rooms/flooder-program.ts", import.meta.url));
  const asked: FloodOptions = { url: server.url, clients: 1, perSecond: 20_000 };
  const { cutAfterMs } = await flooder.ask<FloodReport>("flood", asked);
  const [cut = Infinity] = cutAfterMs;
  return {
    title: "stock Colyseus, 20000 frames a second from one client",
    outcome: {},
    notes: [Number.isFinite(cut) ? `cut after ${cut.toFixed(0)} ms` : "never cut in 10 s"],
    broken: brokenOf({ "who floods alone is cut within a second": cut <= MAX_CUT_MS }),
  };
}
