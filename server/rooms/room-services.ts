import type { ChannelServices } from "../channels/room-channels.ts";
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { defaultLimits, type ServerLimits } from "../limits/server-limits.ts";
import { stderrLogger, type Logger } from "../logger.ts";
import type { BaseWriter } from "../state/base-writer.ts";
import { inlineBaseWriter } from "../state/inline-base-writer.ts";
import type { Journal } from "../persistence/journal.ts";

/** What a server lends to each of its rooms. */
export interface RoomServices {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where durable rooms keep their ticks; absent: `persistence` only picks the room. */
  readonly journal: Journal | undefined;
  readonly baseWriter: BaseWriter;
  readonly limits: ServerLimits;
  /** Absent: the room carries no channels. */
  readonly channels?: ChannelServices;
}

/** For a room that no Atrium server made: real time, standard error, no journal. */
export const standaloneServices: RoomServices = {
  clock: systemClock,
  logger: stderrLogger,
  journal: undefined,
  baseWriter: inlineBaseWriter,
  limits: defaultLimits,
};
