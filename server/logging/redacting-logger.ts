import type { LogFields, Logger } from "../logger.ts";
import { redactError } from "./redact-error.ts";
import { redactText } from "./redact.ts";

/**
 * Passes everything on to `logger` without secrets: tokens, keys, credentials, queries of URLs,
 * and `secrets`, which are this server's own.
 */
export function redactingLogger(logger: Logger, secrets: readonly string[] = []): Logger {
  // One line, whatever a client made somebody report.
  const text = (message: string): string => redactText(message, secrets).replaceAll("\n", "\\n");
  // What is absent stays absent: a logger may count its arguments.
  const rest = (error: unknown, fields?: LogFields): [error?: unknown, fields?: LogFields] => {
    if (fields !== undefined) return [redactError(error, secrets), fields];
    return error === undefined ? [] : [redactError(error, secrets)];
  };
  return {
    info: (message, fields) =>
      logger.info(text(message), ...(fields === undefined ? [] : [fields])),
    warn: (message, error, fields) => logger.warn(text(message), ...rest(error, fields)),
    error: (message, error, fields) => logger.error(text(message), ...rest(error, fields)),
  };
}
