import { createRequire } from "node:module";
import type { Room } from "@colyseus/core";
import type * as Prometheus from "prom-client";
import { RoomClient } from "../transport/websocket-client.ts";
import { LoopLag } from "./loop-lag.ts";
import type { Meter, Recoverable } from "./meter.ts";

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What one room type has open. */
interface RoomFigures {
  rooms: number;
  clients: number;
  queueBytes: number;
}

/**
 * Counts what a server does, in a registry of its own, as Prometheus reads it. docs/operating.md
 * says what each metric means. What can be looked up is looked up when somebody asks.
 */
export class Metrics implements Meter {
  readonly #registry: Prometheus.Registry;
  readonly #lag = new LoopLag();
  readonly #rooms: Iterable<Room>;
  readonly #lateness: Prometheus.Histogram;
  readonly #patchBytes: Prometheus.Counter;
  readonly #conflations: Prometheus.Counter;
  readonly #cuts: Prometheus.Counter;
  readonly #commits: Prometheus.Histogram<"outcome">;
  readonly #rejects: Prometheus.Counter<"code">;
  readonly #recoveries: Prometheus.Counter<"what" | "outcome">;

  constructor(rooms: Iterable<Room>) {
    // Here, so that a server without metrics does not load the driver.
    const { Counter, Gauge, Histogram, Registry } = createRequire(import.meta.url)(
      "prom-client",
    ) as typeof Prometheus;
    this.#rooms = rooms;
    this.#registry = new Registry();
    const registers = [this.#registry];
    const counter = <Label extends string>(
      name: string,
      help: string,
      ...labelNames: Label[]
    ): Prometheus.Counter<Label> => new Counter({ name, help, labelNames, registers });
    const histogram = <Label extends string>(
      name: string,
      help: string,
      ...labelNames: Label[]
    ): Prometheus.Histogram<Label> =>
      new Histogram({ name, help, labelNames, registers, buckets: SECONDS });
    const gauge = (
      name: string,
      help: string,
      collect: (gauge: Prometheus.Gauge) => void,
    ): void => {
      const labelNames = ["room", "quantile"];
      const made: Prometheus.Gauge = new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect: () => collect(made),
      });
    };
    this.#lateness = histogram("atrium_tick_lateness_seconds", "How late ticks began");
    this.#patchBytes = counter("atrium_patch_bytes_total", "Bytes of patches and full states sent");
    this.#conflations = counter("atrium_conflations_total", "Times a slow client began to skip");
    this.#cuts = counter("atrium_slow_client_cuts_total", "Slow clients that were cut off");
    this.#commits = histogram("atrium_commit_seconds", "How long saving a tick took", "outcome");
    this.#rejects = counter("atrium_rejects_total", "Refusals, by error code", "code");
    const help = "Seats, topics and rooms that were to be got back";
    this.#recoveries = counter("atrium_recoveries_total", help, "what", "outcome");
    this.#addGauges(gauge);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  start(): void {
    this.#lag.start();
  }

  stop(): void {
    this.#lag.stop();
  }

  /** All metrics as of now, in Prometheus's text format. */
  format(): Promise<string> {
    return this.#registry.metrics();
  }

  ticked(lateMs: number): void {
    this.#lateness.observe(lateMs / 1_000);
  }

  patched(bytes: number): void {
    this.#patchBytes.inc(bytes);
  }

  conflated(): void {
    this.#conflations.inc();
  }

  cut(): void {
    this.#cuts.inc();
  }

  committed(tookMs: number, isSaved: boolean): void {
    this.#commits.observe({ outcome: isSaved ? "saved" : "failed" }, tookMs / 1_000);
  }

  rejected(code: string): void {
    this.#rejects.inc({ code });
  }

  recovered(what: Recoverable, isRecovered: boolean): void {
    this.#recoveries.inc({ what, outcome: isRecovered ? "recovered" : "lost" });
  }

  #addGauges(
    gauge: (name: string, help: string, collect: (gauge: Prometheus.Gauge) => void) => void,
  ): void {
    const byRoom = (name: string, help: string, figure: keyof RoomFigures): void =>
      gauge(name, help, (made) => {
        made.reset();
        for (const [room, figures] of countRooms(this.#rooms)) made.set({ room }, figures[figure]);
      });
    byRoom("atrium_rooms", "Rooms that are open", "rooms");
    byRoom("atrium_clients", "Clients in rooms", "clients");
    byRoom("atrium_queue_bytes", "Bytes that wait for slow clients", "queueBytes");
    gauge("atrium_loop_lag_seconds", "How late timers came since the last look", (made) => {
      const { median, p99, max } = this.#lag.take();
      made.set({ quantile: "0.5" }, median);
      made.set({ quantile: "0.99" }, p99);
      made.set({ quantile: "1" }, max);
    });
    gauge("process_resident_memory_bytes", "Resident memory of the process", (made) =>
      made.set(process.memoryUsage.rss()),
    );
    gauge("process_cpu_seconds_total", "Processor time of the process", (made) => {
      const { user, system } = process.cpuUsage();
      made.set((user + system) / 1e6);
    });
    gauge("process_start_time_seconds", "When the process began, since the Unix epoch", (made) =>
      made.set(performance.timeOrigin / 1_000),
    );
  }
}

function countRooms(rooms: Iterable<Room>): Map<string, RoomFigures> {
  const byName = new Map<string, RoomFigures>();
  for (const { roomName, clients } of rooms) {
    const figures = byName.get(roomName) ?? { rooms: 0, clients: 0, queueBytes: 0 };
    byName.set(roomName, figures);
    figures.rooms += 1;
    figures.clients += clients.length;
    for (const client of clients) {
      if (client instanceof RoomClient) figures.queueBytes += client.queuedBytes;
    }
  }
  return byName;
}
