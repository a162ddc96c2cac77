import { HUB_ROOM } from "../../../shared/protocol/channel-messages.ts";
import { ChildProgram } from "../../bench/child-program.ts";
import type { AttackOptions, AttackReport } from "../rooms/attacker-program.ts";
import { Bystander } from "../rooms/bystander.ts";
import type { Uncaught } from "../rooms/room-server-program.ts";
import { RoomServer } from "../rooms/room-server.ts";
import { percentile } from "../support/durations.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const FRAMES = { short: 20_000, long: 1_000_000 };
const UPGRADES = { short: 500, long: 10_000 };

/** Frames that no client would send, to a durable room, to the hub and on the way to both. */
export async function tryMalformedFrames({ random, isLong }: TrialOptions): Promise<TrialReport> {
  const form = isLong ? "long" : "short";
  await using server = await RoomServer.open();
  using bystander = await Bystander.enter(server.url);
  await using attacker = new ChildProgram(new URL("../rooms/attacker-program.ts", import.meta.url));
  const asked: AttackOptions = {
    url: server.url,
    seed: random.seed,
    frames: FRAMES[form],
    upgrades: UPGRADES[form],
    rooms: ["open", "open", HUB_ROOM],
  };
  const attack = await attacker.ask<AttackReport>("attack", asked);
  const broken = await bystander.broken();
  const pings = bystander.takePings();
  const uncaught = await server.program.ask<Uncaught>("uncaught");
  const closes = Object.entries(attack.closes).map(([code, times]) => `${code}: ${times}`);
  return {
    title:
      `${attack.frames.toLocaleString("en")} mutated frames over ${attack.connections} ` +
      `connections, and ${attack.upgrades} mutated upgrades`,
    outcome: {},
    notes: [
      `connections ended by the server: ${closes.join(", ")}`,
      `a bystander heard ${bystander.heard} messages, its pings took ` +
        `${percentile(pings, 0.99).toFixed(0)} ms (p99), ${Math.max(...pings).toFixed(0)} at most`,
    ],
    broken: [
      ...broken,
      ...brokenOf({
        "the process does not end": !server.program.hasEnded,
        "no rejection is unhandled": uncaught.rejections === 0,
        "no exception is uncaught": uncaught.exceptions === 0,
      }),
    ],
  };
}
