import type { Logger } from "../logger.ts";
import { redactError } from "./redact-error.ts";
import { redactText } from "./redact.ts";

/**
 * Passes everything on to `logger` without secrets: tokens, keys, credentials, queries of URLs,
 * and `secrets`, which are this server's own.
 */
export function redactingLogger(logger: Logger, secrets: readonly string[] = []): Logger {
  const text = (message: string): string => redactText(message, secrets);
  // An absent error stays absent: a logger may count its arguments.
  const rest = (error: unknown): [error?: unknown] =>
    error === undefined ? [] : [redactError(error, secrets)];
  return {
    info: (message) => logger.info(text(message)),
    warn: (message, error) => logger.warn(text(message), ...rest(error)),
    error: (message, error) => logger.error(text(message), ...rest(error)),
  };
}
