import { WebSocket } from "ws";
import { answerParent } from "../../bench/child-program.ts";
import { waitUntil } from "../../support/wait-until.ts";
import type { Dialer } from "../support/faulty-network.ts";
import type { History } from "../support/history.ts";
import {
  TallyMember,
  type Absence,
  type Tallied,
  type TallyMemberOptions,
} from "./tally-member.ts";

export interface TallyFleetOptions {
  readonly url: string;
  /** Number of the first: every fleet has clients of its own. */
  readonly firstClient: number;
  readonly clients: number;
  readonly rooms: number;
  /** What kind of room; default `tally`. */
  readonly roomName?: TallyMemberOptions["roomName"];
  /** Begins the names of its rooms; default `tally`. */
  readonly prefix?: string;
}

/** How things go on. */
export interface FleetProgress {
  /** The ticks that everybody has seen, together. */
  readonly ticks: number;
  readonly acknowledged: number;
  readonly refused: number;
}

/** What the members of a fleet found when they looked. */
export interface FleetTally extends Tallied {
  readonly differing: number;
  readonly absences: readonly Absence[];
}

// Players in a process of their own, driven by their parent.
const TIMEOUT_MS = 120_000;
const MARK_EVERY_MS = 5;
/** A storm of our own making would measure this process, not the server. */
const JOINING_AT_ONCE = 20;

const dialer: Dialer = {
  fetch: (input, init) => fetch(input, init),
  webSocket: (url, protocols) => new WebSocket(url, protocols),
};
let members: TallyMember[] = [];
let marking: NodeJS.Timeout | undefined;
let due = 0;

async function open({
  prefix = "tally",
  roomName = "tally",
  ...options
}: TallyFleetOptions): Promise<void> {
  const { url, firstClient, clients, rooms } = options;
  members = Array.from({ length: clients }, (_, at) => {
    const client = firstClient + at;
    return new TallyMember({ url, client, roomName, prefix, room: client % rooms }, dialer);
  });
  const waiting = [...members];
  const joinNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // oxlint-disable-next-line no-await-in-loop -- so many at once, and no more
      await next.join();
    }
  };
  await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joinNext));
}

function startMarking(perSecond: number): void {
  const startedAt = performance.now();
  let count = 0;
  marking = setInterval(() => {
    const owed = ((performance.now() - startedAt) * perSecond) / 1_000;
    for (; count < owed; count += 1) {
      members[due % members.length]!.mark();
      due += 1;
    }
  }, MARK_EVERY_MS);
}

/** Resolves when everybody is in its room; rejects when that takes two minutes. */
async function awaitBack(): Promise<void> {
  const isEverybodyBack = (): boolean => members.every(({ isBack }) => isBack);
  await waitUntil(isEverybodyBack, { timeoutMs: TIMEOUT_MS, what: "everybody is back" });
}

/** Resolves when everybody was told yes once more. */
async function awaitAcknowledged(): Promise<void> {
  const before = members.map(({ acknowledged }) => acknowledged);
  const isEverybody = (): boolean =>
    members.every(({ acknowledged }, at) => acknowledged > before[at]!);
  await waitUntil(isEverybody, { timeoutMs: TIMEOUT_MS, what: "intents are saved again" });
}

async function settle(): Promise<void> {
  const isSettled = (): boolean => members.every((each) => each.isSettled);
  await waitUntil(isSettled, { timeoutMs: TIMEOUT_MS, what: "everything is answered" });
}

/** Resolves when everybody has heard everything, or will not any more. */
async function catchUp(ends: [topic: number, offset: number][]): Promise<void> {
  const last = new Map(ends);
  const isThere = (): boolean => members.every((each) => each.hasHeard(last));
  await waitUntil(isThere, { timeoutMs: 30_000 }).catch(() => undefined);
}

async function tally(): Promise<FleetTally> {
  const differing = (await Promise.all(members.map((each) => each.hasSameState()))).filter(
    (isSame) => !isSame,
  ).length;
  const tallies = members.map((each) => each.tally());
  const sum = (of: keyof Tallied): number => tallies.reduce((total, each) => total + each[of], 0);
  return {
    lost: sum("lost"),
    duplicated: sum("duplicated"),
    reordered: sum("reordered"),
    overtaken: sum("overtaken"),
    differing,
    absences: members.flatMap(({ absences }) => absences.splice(0)),
  };
}

function progress(): FleetProgress {
  const sum = (of: "ticks" | "acknowledged" | "refused"): number =>
    members.reduce((total, each) => total + each[of], 0);
  return { ticks: sum("ticks"), acknowledged: sum("acknowledged"), refused: sum("refused") };
}

answerParent({
  open,
  progress,
  startMarking,
  stopMarking: () => clearInterval(marking),
  awaitBack,
  awaitAcknowledged,
  settle,
  catchUp,
  tally,
  cutAll: () => {
    for (const { network } of members) network.cut();
  },
  history: (): History => ({
    published: members.flatMap(({ published }) => published),
    subscriptions: members.map(({ heard }) => heard),
  }),
});
