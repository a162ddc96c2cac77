import type { Clock } from "../../../shared/clock.ts";
import { SyncError } from "../../../shared/errors.ts";

/**
 * The latest error of each kind of doing, until that goes well, or until the time has passed
 * after which the error says that it can.
 */
export class Problems {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #errors = new Map<string, SyncError>();

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get latest(): SyncError | undefined {
    return [...this.#errors.values()].at(-1);
  }

  failed(kind: string, cause: unknown): void {
    const error = asSyncError(cause);
    this.#errors.delete(kind);
    this.#errors.set(kind, error);
    this.#onChange();
    if (error.retryAfterMs === undefined) return;
    this.#clock.schedule(error.retryAfterMs, () => {
      if (this.#errors.get(kind) === error) this.went(kind);
    });
  }

  went(kind: string): void {
    if (this.#errors.delete(kind)) this.#onChange();
  }

  clear(): void {
    this.#errors.clear();
  }

  /**
   * The same promise, with what becomes of it shown here. Who does not wait for it has no
   * unhandled rejection; who does gets the error as well.
   */
  follow<Value>(kind: string, promise: Promise<Value>): Promise<Value> {
    promise.then(
      () => this.went(kind),
      (error: unknown) => this.failed(kind, error),
    );
    return promise;
  }
}

function asSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  return new SyncError("handler-failed", String(error), { cause: error });
}
