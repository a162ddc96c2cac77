/**
 * Runs work one piece after the other. Work that needs no waiting, on a queue that is idle,
 * is done when `run` returns.
 */
export class SerialQueue {
  /** Ends with the last piece; never rejects. */
  #tail: Promise<void> = Promise.resolve();
  #length = 0;

  /** Whether nothing runs or waits. What `run` returned settles when this is up to date. */
  get isIdle(): boolean {
    return this.#length === 0;
  }

  run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const isFirst = this.isIdle;
    const before = this.#tail;
    // In place before the work begins: it may add more, which has to wait for it.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    this.#length += 1;
    const end = (): void => {
      this.#length -= 1;
      resolve();
    };
    if (!isFirst) return before.then(work).finally(end);
    try {
      const result = work();
      if (result instanceof Promise) return result.finally(end);
      end();
      return Promise.resolve(result);
    } catch (error) {
      end();
      return Promise.reject(error);
    }
  }
}
