import { connect } from "../../../client/connect.ts";
import type { RealtimeServer } from "../../../server/realtime-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { COUNTED_CHANNEL } from "../rooms/bystander.ts";
import type { OpenRoom } from "../rooms/open-room.ts";
import type { Held } from "../rooms/room-server-program.ts";
import { RoomServer } from "../rooms/room-server.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

type Server = RealtimeServer<{ open: typeof OpenRoom }>;

const USERS = 8;
/** Handles and timers of a server without clients, and some to spare. */
const CALM = 5;
/** What is bounded is full after some hundred visits, which the short form does not wait for. */
const WARM_ROUNDS = { short: 12, long: 100 };
const ROUNDS = { short: 12, long: 1_500 };
/** Eight users who come and go without a pause would be more than a server lets one of them be. */
const JOINS = { perSecond: 1_000, burst: 10_000 };
const LIMITS = { user: { joins: JOINS }, address: { joins: JOINS } };
/** What one visit may leave behind on the average; the collector is not exact. */
const MAX_BYTES_A_VISIT = { short: 20_000, long: 200 };

/** The same users join, speak, drop, come back and leave, again and again. */
export async function trySoak({ isLong }: TrialOptions): Promise<TrialReport> {
  const form = isLong ? "long" : "short";
  await using server = await RoomServer.open({ limits: LIMITS });
  const tokens = Array.from({ length: USERS }, () => new Map<string, string>());
  const round = async (): Promise<void> => {
    await Promise.all(tokens.map((token) => visit(server.url, token)));
  };
  // oxlint-disable-next-line no-await-in-loop -- one round after the other
  for (let at = 0; at < WARM_ROUNDS[form]; at += 1) await round();
  const before = await rest(server);
  // oxlint-disable-next-line no-await-in-loop -- one round after the other
  for (let at = 0; at < ROUNDS[form]; at += 1) await round();
  const after = await rest(server, before);
  const visits = ROUNDS[form] * USERS;
  const growth = (after.bytes - before.bytes) / visits;
  return {
    title: `${visits} visits of ${USERS} users, after ${WARM_ROUNDS[form] * USERS} to warm up`,
    outcome: {},
    notes: [
      `memory ${growth < 0 ? "shrank" : "grew"} by ${Math.abs(growth).toFixed(0)} bytes a visit; ` +
        `handles ${before.handles} and ${after.handles}, timers ${before.timers} and ${after.timers}`,
    ],
    broken: brokenOf({
      "memory does not grow": growth <= MAX_BYTES_A_VISIT[form],
      "no handle is left": after.handles <= before.handles,
      "no timer is left": after.timers <= before.timers,
    }),
  };
}

async function visit(url: string, token: Map<string, string>): Promise<void> {
  const storage = {
    getItem: (key: string): string | null => token.get(key) ?? null,
    setItem: (key: string, value: string): void => void token.set(key, value),
    removeItem: (key: string): void => void token.delete(key),
  };
  const realtime = connect<Server>(url, { storage });
  const room = await realtime.join("open", { name: "visited" });
  await room.request("put", { key: "a", value: 1 });
  let isLive = false;
  const channel = realtime.channel(COUNTED_CHANNEL);
  channel.subscribe((status) => (isLive ||= status === "SUBSCRIBED"));
  await waitUntil(() => isLive, { timeoutMs: 20_000 });
  await channel.track({ here: true });
  await realtime.channel("faults/visits").publish("message", "here I am");
  await room.leave();
  realtime.disconnect();
  await realtime.left;
}

/** What the server holds on to when nobody is there any more, and no more timers than `atMost`. */
async function rest(server: RoomServer, atMost?: Held): Promise<Held> {
  const isEmpty = async (): Promise<boolean> => {
    const rooms = await server.listRooms();
    return rooms.every(({ clients }) => clients === 0);
  };
  await waitUntil(isEmpty, { timeoutMs: 30_000, what: "everybody has left" });
  // Rooms that are empty close, and seats and presences end, some time later.
  const look = async (): Promise<Held> => await server.program.ask<Held>("held");
  const isCalm = async (): Promise<boolean> => {
    const { handles, timers } = await look();
    return handles <= (atMost?.handles ?? CALM) && timers <= (atMost?.timers ?? CALM);
  };
  await waitUntil(isCalm, { timeoutMs: 30_000 }).catch(() => undefined);
  return await look();
}
