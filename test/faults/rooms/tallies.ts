import type { Verdict } from "../support/check-history.ts";
import { inSeconds, percentile, shareWithin } from "../support/durations.ts";
import { brokenOf, type TrialReport } from "../trials/trial.ts";
import type { RoomServer } from "./room-server.ts";
import type { FleetTally } from "./tally-fleet-program.ts";
import type { Absence, Tallied } from "./tally-member.ts";

/** Of those who were away, 99 % are back within this time: a goal, not a promise. */
const GOAL_MS = 5_000;

/** All that players of durable rooms found in the course of one trial. */
export class Tallies {
  readonly #server: RoomServer;
  readonly #absences: Absence[] = [];
  /** What is counted from the beginning each time: the last counts. */
  #last: Tallied = { lost: 0, duplicated: 0, reordered: 0, overtaken: 0 };
  #worstLost = 0;
  #differing = 0;
  #otherRooms = 0;
  #rooms = "";

  constructor(server: RoomServer) {
    this.#server = server;
  }

  async begin(): Promise<void> {
    this.#rooms = await this.#listRooms();
  }

  /** Takes what was found after a fault. */
  async add(tally: FleetTally): Promise<void> {
    this.#last = tally;
    this.#worstLost = Math.max(this.#worstLost, tally.lost);
    this.#differing += tally.differing;
    this.#absences.push(...tally.absences);
    if ((await this.#listRooms()) !== this.#rooms) this.#otherRooms += 1;
  }

  get durationsMs(): number[] {
    return this.#absences.map(({ durationMs }) => durationMs);
  }

  /** `hits`: how many losses of a connection there have to be at least. */
  report(title: string, verdict: Verdict, hits: number): TrialReport {
    const { duplicated, reordered, overtaken } = this.#last;
    const absences = this.#absences;
    const lostTicks = absences.reduce((total, each) => total + each.lostTicks, 0);
    const lostSeats = absences.filter(({ isSameSeat }) => !isSameSeat).length;
    const { durationsMs } = this;
    const back = (shareWithin(durationsMs, GOAL_MS) * 100).toFixed(1);
    return {
      title,
      outcome: {
        lost: this.#worstLost + verdict.lost,
        duplicated: duplicated + verdict.duplicated,
        reordered: reordered + verdict.reordered,
        recoveredInMs: durationsMs,
      },
      notes: [
        `${verdict.published} intents acknowledged, ${verdict.refused} not; ${verdict.delivered} ` +
          `messages delivered, ${verdict.replayed} of them when somebody came back`,
        `${absences.length} absences, ${back} % back within ${inSeconds(GOAL_MS)} (goal 99 %), ` +
          `p99 ${inSeconds(percentile(durationsMs, 0.99))}; ${lostSeats} seats lost`,
      ],
      broken: brokenOf({
        "no acknowledged intent is lost": this.#worstLost === 0,
        "no intent is applied twice": duplicated === 0,
        "no intent is applied out of order": reordered === 0,
        "no reply overtakes its effect": overtaken === 0,
        "no tick that was shown is lost": lostTicks === 0,
        "every seat is regained": lostSeats === 0,
        "every room is back under its id, once": this.#otherRooms === 0,
        "every state equals the server's": this.#differing === 0,
        "no message of a room is lost, doubled or out of order":
          verdict.lost + verdict.duplicated + verdict.reordered + verdict.unflaggedGaps === 0,
        "proves nothing: nobody was hit": absences.length >= hits,
        "proves nothing: nothing was done": verdict.published > 0 && this.#rooms !== "",
      }),
    };
  }

  async #listRooms(): Promise<string> {
    const rooms = await this.#server.listRooms();
    const ids = rooms.map(({ roomId }) => roomId).filter((id) => id.startsWith("tally-"));
    return ids.toSorted().join();
  }
}
