/**
 * Runs work one piece after the other. Work that needs no waiting, on a queue that is
 * empty, is done when `run` returns.
 */
export class SerialQueue {
  #tail: Promise<unknown> | undefined;

  run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    if (this.#tail !== undefined) return this.#follow(this.#tail.then(work));
    try {
      const result = work();
      return result instanceof Promise ? this.#follow(result) : Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #follow<Result>(result: Promise<Result>): Promise<Result> {
    // One that fails does not stop those behind it.
    const tail = result.then(settle, settle).finally(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
    return result;
  }
}

function settle(): undefined {
  return undefined;
}
