import { createRequire } from "node:module";
import type { pino as Pino } from "pino";
import type { LogFields, Logger } from "../logger.ts";
import { redactingLogger } from "./redacting-logger.ts";

export const LOG_LEVELS = ["info", "warn", "error", "silent"] as const;
/** From everything to nothing. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is written, and where. */
export interface PinoLoggerOptions {
  /** The least that is written; default `info`. */
  readonly level?: LogLevel;
  /** Where the lines go; default standard error. */
  readonly destination?: { write(line: string): void };
}

/**
 * One line of JSON a report, as log collectors read it: `level`, `time`, `msg`; where there are
 * such, `room`, `roomId`, `sessionId`, `userId`, and `err` with its stack and causes; without
 * secrets. Throws `RangeError` for a level that
 * there is not.
 */
export function pinoLogger({ level = "info", destination }: PinoLoggerOptions = {}): Logger {
  if (!LOG_LEVELS.includes(level)) {
    throw new RangeError(`log level "${level}" is none of ${LOG_LEVELS.join(", ")}`);
  }
  // Here, so that a server with another logger does not load it.
  const { pino } = createRequire(import.meta.url)("pino") as { pino: typeof Pino };
  const options = {
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const standardError = 2;
  const lines = pino(options, destination ?? pino.destination({ fd: standardError, sync: true }));
  return redactingLogger({
    info: (message, fields) => lines.info({ ...fields }, message),
    warn: (message, error, fields) => lines.warn(fieldsOf(error, fields), message),
    error: (message, error, fields) => lines.error(fieldsOf(error, fields), message),
  });
}

function fieldsOf(error: unknown, fields?: LogFields): object {
  return error === undefined ? { ...fields } : { ...fields, err: error };
}
