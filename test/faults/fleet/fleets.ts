import { ChildProgram } from "../../bench/child-program.ts";
import type { History, PublishedMessage } from "../support/history.ts";
import { lastOffsets } from "../support/history.ts";
import type { FleetOptions } from "./client-fleet.ts";
import type { PlannedCut } from "./planned-cut.ts";

/** Fleets that share the work; with more the generator is not the bottleneck. */
const FLEETS = 2;

interface FleetUsage {
  readonly connections: number;
  readonly cpuMs: number;
}

/** Clients in a few processes of their own, numbered through, seen from their parent. */
export class Fleets implements AsyncDisposable {
  readonly #programs: readonly ChildProgram[];
  readonly #clientsEach: number;

  private constructor(programs: readonly ChildProgram[], clientsEach: number) {
    this.#programs = programs;
    this.#clientsEach = clientsEach;
  }

  /** Resolves when every client is subscribed. */
  static async open(options: Omit<FleetOptions, "firstClient">): Promise<Fleets> {
    const clients = options.clients / FLEETS;
    const programs = Array.from({ length: FLEETS }, () => {
      return new ChildProgram(new URL("fleet-program.ts", import.meta.url));
    });
    await Promise.all(
      programs.map((program, at) =>
        program.ask("open", { ...options, clients, firstClient: at * clients }),
      ),
    );
    return new Fleets(programs, clients);
  }

  async startPublishing(perSecond: number): Promise<void> {
    await this.#ask("startPublishing", perSecond / FLEETS);
  }

  async stopPublishing(): Promise<void> {
    await this.#ask("stopPublishing");
  }

  async cut(cut: PlannedCut): Promise<void> {
    await this.#programOf(cut.client).ask("cut", cut);
  }

  async keepAway(client: number, durationMs: number): Promise<void> {
    await this.#programOf(client).ask("keepAway", { client, durationMs });
  }

  /**
   * What everybody wrote down, once all is answered and everybody has heard everything, or
   * will not hear it any more. `others`: what was published beside.
   */
  async finish(others: readonly PublishedMessage[] = []): Promise<History> {
    await this.#ask("settle");
    const sent = await this.#ask<History>("history");
    const published = [...sent.flatMap((history) => history.published), ...others];
    await this.#ask("catchUp", [...lastOffsets(published)]);
    const heard = await this.#ask<History>("history");
    return { published, subscriptions: heard.flatMap(({ subscriptions }) => subscriptions) };
  }

  /** Connections that were tried after the first one of each client, and CPU of all of it. */
  async usage(): Promise<{ reconnects: number; cpuMs: number }> {
    const usages = await this.#ask<FleetUsage>("usage");
    const clients = this.#programs.length * this.#clientsEach;
    return {
      reconnects: usages.reduce((total, { connections }) => total + connections, -clients),
      cpuMs: usages.reduce((total, { cpuMs }) => total + cpuMs, 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()));
  }

  #ask<Answer>(name: string, argument?: unknown): Promise<Answer[]> {
    return Promise.all(this.#programs.map((program) => program.ask<Answer>(name, argument)));
  }

  #programOf(client: number): ChildProgram {
    return this.#programs[Math.floor(client / this.#clientsEach)]!;
  }
}
