/** What a report is about, as far as it is about one of them. */
export interface LogFields {
  /** The room's name, which many rooms have. */
  readonly room?: string;
  readonly roomId?: string;
  readonly sessionId?: string;
  readonly userId?: string;
}

/** Where the server reports what an operator may want to know. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  /** Something was refused or degraded; the server goes on. */
  warn(message: string, error?: unknown, fields?: LogFields): void;
  /** Something of ours or of the game's code failed. */
  error(message: string, error?: unknown, fields?: LogFields): void;
}

/** One line a report on standard error, with the error's stack and causes below it. */
export const stderrLogger: Logger = {
  // Messages name what they are about: the fields are for programs.
  info: (message) => write("info", message),
  warn: (message, error) => write("warn", message, error),
  error: (message, error) => write("error", message, error),
};

/** Reports nothing: for tests that provoke errors on purpose. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

function write(level: string, message: string, error?: unknown): void {
  // Indented: what somebody made an error say cannot look like another report.
  const detail = error === undefined ? "" : `\n${formatError(error)}`.replaceAll("\n", "\n  ");
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${detail}\n`);
}

function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${formatError(error.cause)}`;
}
