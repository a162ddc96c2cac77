/** Where the server reports what an operator may want to know. */
export interface Logger {
  info(message: string): void;
  /** Something was refused or degraded; the server goes on. */
  warn(message: string, error?: unknown): void;
  /** Something of ours or of the game's code failed. */
  error(message: string, error?: unknown): void;
}

/** One line a report on standard error, with the error's stack and causes below it. */
export const stderrLogger: Logger = {
  info: (message) => write("info", message),
  warn: (message, error) => write("warn", message, error),
  error: (message, error) => write("error", message, error),
};

/** Reports nothing: for tests that provoke errors on purpose. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

function write(level: string, message: string, error?: unknown): void {
  const detail = error === undefined ? "" : `\n${formatError(error)}`;
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${detail}\n`);
}

function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${formatError(error.cause)}`;
}
