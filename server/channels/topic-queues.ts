import { SerialQueue } from "./serial-queue.ts";

/** A queue for each topic, for as long as there is something in it. */
export class TopicQueues {
  readonly #queues = new Map<string, SerialQueue>();

  get size(): number {
    return this.#queues.size;
  }

  async run<Result>(topic: string, work: () => Result | Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(topic) ?? new SerialQueue();
    this.#queues.set(topic, queue);
    try {
      return await queue.run(work);
    } finally {
      if (queue.isIdle && this.#queues.get(topic) === queue) this.#queues.delete(topic);
    }
  }
}
