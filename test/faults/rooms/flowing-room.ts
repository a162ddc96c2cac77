import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncRoom, type RoomClient } from "../../../server/index.ts";

const Flow = schema(
  {
    /** When this was so, on the clock of this machine. */
    at: t.float64().default(0),
    texts: t.map("string"),
  },
  "Flow",
);
type Flow = SchemaType<typeof Flow>;

const TEXTS = 4;

/** What the room has seen of its clients' queues. */
export interface FlowReport {
  /** By session: the most bytes that waited in the server. */
  readonly peaks: Readonly<Record<string, number>>;
  /** Sessions that were skipped. */
  readonly slow: readonly string[];
}

/** A room whose state changes by as many bytes in each tick as it is told. */
export class FlowingRoom extends SyncRoom<{ state: Flow }> {
  override state = new Flow();
  override ticksPerSecond = 20;
  readonly #peaks: Record<string, number> = {};
  readonly #slow: string[] = [];
  #bytesPerTick = 0;
  #ticks = 0;

  override messages = {
    flow: intent(z.int().min(0), (_client, bytesPerTick) => {
      this.#bytesPerTick = bytesPerTick;
    }),
    report: intent(z.null(), (): FlowReport => ({ peaks: this.#peaks, slow: this.#slow })),
  };

  override onTick(): void {
    for (const { sessionId, queuedBytes } of this.clients) {
      this.#peaks[sessionId] = Math.max(this.#peaks[sessionId] ?? 0, queuedBytes);
    }
    if (this.#bytesPerTick === 0) return;
    this.#ticks += 1;
    const letter = String.fromCodePoint(97 + (this.#ticks % 26));
    this.state.texts.set(`${this.#ticks % TEXTS}`, letter.repeat(this.#bytesPerTick));
    this.state.at = Date.now();
  }

  override onSlow({ sessionId }: RoomClient): void {
    this.#slow.push(sessionId);
  }
}
