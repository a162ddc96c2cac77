import { Protocol } from "@colyseus/shared-types";
import { once } from "node:events";
import { connect } from "node:net";
import { answerParent } from "../../bench/child-program.ts";
import { FrameClient } from "../../support/frame-client.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { brokenFrame, brokenUpgrade, hostileFrame, strayFrame } from "../support/mutated-frames.ts";

/** Whom to attack, and with how much. */
export interface AttackOptions {
  readonly url: string;
  readonly seed: number;
  readonly frames: number;
  readonly upgrades: number;
  /** Names of rooms; each is a target as often as it is named. */
  readonly rooms: readonly string[];
}

export interface AttackReport {
  readonly frames: number;
  readonly upgrades: number;
  readonly connections: number;
  /** Connections that the server ended, by code. */
  readonly closes: Readonly<Record<number, number>>;
}

// Attackers in a process of their own: each connection sends a few frames that can be read,
// and then one that perhaps can not, behind which nothing would be read any more.
const HOSTILE_EACH = 19;
const AT_ONCE = 8;
const PATIENCE_MS = 2_000;

interface Seat {
  readonly processId: string;
  readonly roomId: string;
  readonly sessionId: string;
}

type Target = Pick<AttackOptions, "url" | "rooms">;

async function reserve({ url, rooms }: Target, random: SeededRandom): Promise<Seat> {
  const target = random.pick(rooms);
  const response = await fetch(`${url.replace("ws:", "http:")}/matchmake/joinOrCreate/${target}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "attacked" }),
  });
  if (!response.ok) throw new Error(`no seat: ${response.status} ${await response.text()}`);
  return (await response.json()) as Seat;
}

async function attack(target: AttackOptions): Promise<AttackReport> {
  const { seed, frames, upgrades } = target;
  const report = { frames: 0, upgrades: 0, connections: 0, closes: {} as Record<number, number> };
  const attackers = Array.from({ length: AT_ONCE }, async (_, at) => {
    const random = new SeededRandom(seed + at);
    while (report.frames < frames) {
      report.frames += HOSTILE_EACH + 1;
      report.connections += 1;
      // oxlint-disable-next-line no-await-in-loop -- one connection after the other
      const code = await sendFrames(target, random);
      if (code !== undefined) report.closes[code] = (report.closes[code] ?? 0) + 1;
    }
    while (report.upgrades < upgrades) {
      report.upgrades += 1;
      // oxlint-disable-next-line no-await-in-loop -- one socket after the other
      await sendUpgrade(target, random);
    }
  });
  await Promise.all(attackers);
  return report;
}

/** Resolves with the code with which the server ended it; undefined: it took everything. */
async function sendFrames(at: Target, random: SeededRandom): Promise<number | undefined> {
  const { processId, roomId, sessionId } = await reserve(at, random);
  const target = `${at.url}/${processId}/${roomId}?sessionId=${sessionId}`;
  const client = new FrameClient(target, { decodes: false, records: false });
  const { socket } = client;
  const ended = new Promise<number>((resolve) => socket.once("close", resolve));
  const joined = new Promise<void>((resolve) => {
    client.onFrame = ({ code }) => {
      if (code === Protocol.JOIN_ROOM) resolve();
    };
  });
  await Promise.race([joined, ended]);
  for (let sent = 0; sent < HOSTILE_EACH; sent += 1) client.send(hostileFrame(random));
  client.send(random.next() < 0.1 ? strayFrame(random) : brokenFrame(random));
  const answered = new Promise<undefined>((resolve) => {
    client.onFrame = ({ code }) => {
      if (code === Protocol.PING) resolve(undefined);
    };
    setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
  });
  client.send(Uint8Array.of(Protocol.PING));
  const code = await Promise.race([ended, answered]);
  client.drop();
  return code;
}

async function sendUpgrade(at: Target, random: SeededRandom): Promise<void> {
  const { processId, roomId, sessionId } = await reserve(at, random);
  const socket = connect(Number(new URL(at.url).port), "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.on("data", () => undefined);
  socket.write(brokenUpgrade(random, `/${processId}/${roomId}?sessionId=${sessionId}`));
  const patience = setTimeout(() => socket.destroy(), 50);
  await once(socket, "close");
  clearTimeout(patience);
}

answerParent({ attack });
