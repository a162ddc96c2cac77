import { ChildProgram } from "../../bench/child-program.ts";
import { lastOffsets, type History } from "../support/history.ts";
import type { FleetProgress, FleetTally, TallyFleetOptions } from "./tally-fleet-program.ts";
import type { Tallied } from "./tally-member.ts";

/** Fleets that share the work. */
const FLEETS = 2;

/** Players in a few processes of their own, seen from their parent. */
export class TallyFleets implements AsyncDisposable {
  readonly #programs: readonly ChildProgram[];

  private constructor(programs: readonly ChildProgram[]) {
    this.#programs = programs;
  }

  /** Resolves when every player is in its room. */
  static async open(options: Omit<TallyFleetOptions, "firstClient">): Promise<TallyFleets> {
    const clients = options.clients / FLEETS;
    const programs = Array.from({ length: FLEETS }, () => {
      return new ChildProgram(new URL("tally-fleet-program.ts", import.meta.url));
    });
    const fleets = new TallyFleets(programs);
    try {
      await Promise.all(
        programs.map((program, at) =>
          program.ask("open", { ...options, clients, firstClient: at * clients }),
        ),
      );
    } catch (error) {
      await fleets[Symbol.asyncDispose]();
      throw error;
    }
    return fleets;
  }

  async startMarking(perSecond: number): Promise<void> {
    await this.#ask("startMarking", perSecond / FLEETS);
  }

  async stopMarking(): Promise<void> {
    await this.#ask("stopMarking");
  }

  /** Resolves when everybody is in its room. */
  async awaitBack(): Promise<void> {
    await this.#ask("awaitBack");
  }

  /** Resolves when everybody was told yes once more: every room saves. */
  async awaitAcknowledged(): Promise<void> {
    await this.#ask("awaitAcknowledged");
  }

  /** Cuts every connection, in one moment. */
  async cutAll(): Promise<void> {
    await this.#ask("cutAll");
  }

  /** What everybody finds in its state, and what happened since the last tally. */
  async tally(): Promise<FleetTally> {
    const tallies = await this.#ask<FleetTally>("tally");
    const sum = (of: keyof Tallied | "differing"): number =>
      tallies.reduce((total, each) => total + each[of], 0);
    return {
      lost: sum("lost"),
      duplicated: sum("duplicated"),
      reordered: sum("reordered"),
      overtaken: sum("overtaken"),
      differing: sum("differing"),
      absences: tallies.flatMap(({ absences }) => absences),
    };
  }

  /** How things go on for all of them together. */
  async progress(): Promise<FleetProgress> {
    const all = await this.#ask<FleetProgress>("progress");
    const sum = (of: keyof FleetProgress): number =>
      all.reduce((total, each) => total + each[of], 0);
    return { ticks: sum("ticks"), acknowledged: sum("acknowledged"), refused: sum("refused") };
  }

  /** What everybody wrote down, once all is answered and heard, or will not be any more. */
  async finish(): Promise<History> {
    await this.#ask("settle");
    const sent = await this.#ask<History>("history");
    const ends = lastOffsets(sent.flatMap(({ published }) => published));
    await this.#ask("catchUp", [...ends]);
    const heard = await this.#ask<History>("history");
    return {
      published: heard.flatMap(({ published }) => published),
      subscriptions: heard.flatMap(({ subscriptions }) => subscriptions),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()));
  }

  #ask<Answer>(name: string, argument?: unknown): Promise<Answer[]> {
    return Promise.all(this.#programs.map((program) => program.ask<Answer>(name, argument)));
  }
}
