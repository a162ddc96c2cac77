import type { LentChannels } from "../channels/room-channels.ts";
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/system-clock.ts";
import type { FrameBudgets } from "../limits/frame-budgets.ts";
import { defaultLimits, type ServerLimits } from "../limits/server-limits.ts";
import { stderrLogger, type Logger } from "../logger.ts";
import { noMeter, type Meter } from "../metrics/meter.ts";
import type { BaseWriter } from "../state/base-writer.ts";
import { inlineBaseWriter } from "../state/inline-base-writer.ts";
import type { DurableRoom } from "../durability/durable-room.ts";
import type { SeatLedger } from "./durable-seats.ts";

/** What durable rooms need. */
export interface LentDurability {
  /** What was claimed and read for the room that is being made. */
  take(roomId: string): DurableRoom | undefined;
  readonly seats: SeatLedger;
}

/** What a server lends to each of its rooms. */
export interface LentParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Absent: `persistence` only picks the room. */
  readonly durability?: LentDurability;
  readonly baseWriter: BaseWriter;
  readonly limits: ServerLimits;
  /** Absent: each connection has a budget of its own and none with others. */
  readonly frameBudgets?: FrameBudgets;
  /** Absent: the room carries no channels. */
  readonly channels?: LentChannels;
}

/** For a room that no Atrium server made: real time, standard error, nothing kept. */
export const standaloneParts: LentParts = {
  clock: systemClock,
  logger: stderrLogger,
  meter: noMeter,
  baseWriter: inlineBaseWriter,
  limits: defaultLimits,
};
