/** One publication that went through a test server's channels. */
export interface RecordedMessage {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  /** Who published; absent: the server's own code. */
  readonly userId?: string;
}

/** Messages in the order in which they were published, until `clear`. */
export class MessageRecord {
  #messages: RecordedMessage[] = [];

  add(message: RecordedMessage): void {
    this.#messages.push(message);
  }

  all(): readonly RecordedMessage[] {
    return this.#messages;
  }

  on(channel: string): readonly RecordedMessage[] {
    return this.#messages.filter((message) => message.channel === channel);
  }

  clear(): void {
    this.#messages = [];
  }
}
