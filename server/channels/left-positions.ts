import type { StreamPosition } from "../../shared/events/publication.ts";
import { MAX_LEFT_TOPICS } from "../../shared/limits.ts";

/**
 * Where topics stood when they were closed, for who comes back after a long while: as nothing
 * was published since, nothing was missed. Of the latest topics only; of any other it is not
 * known, and who comes back is told that something may be gone.
 */
export class LeftPositions {
  readonly #positions = new Map<string, StreamPosition>();

  /** Where the topic stood the last time. */
  find(topic: string): StreamPosition | undefined {
    return this.#positions.get(topic);
  }

  add(topic: string, position: StreamPosition): void {
    this.#positions.delete(topic);
    this.#positions.set(topic, position);
    if (this.#positions.size <= MAX_LEFT_TOPICS) return;
    // A Map iterates in the order of insertion: the one that was left first.
    for (const [oldest] of this.#positions) {
      this.#positions.delete(oldest);
      return;
    }
  }
}
