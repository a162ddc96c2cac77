import { SyncError } from "./errors.ts";
import { MAX_TOPIC_LENGTH } from "./limits.ts";

/**
 * A topic is the name that messages are published under: 1 to 128 characters of
 * `A-Z a-z 0-9 _ . : / -`, in segments between slashes, none of them empty. Both sides check
 * it in the same way, and compare topics exactly.
 */
const TOPIC = /^[A-Za-z0-9_.:-]+(?:\/[A-Za-z0-9_.:-]+)*$/;

/** Returns the topic. Throws `topic-invalid` for anything that is not one. */
export function parseTopic(topic: unknown): string {
  if (typeof topic === "string" && topic.length <= MAX_TOPIC_LENGTH && TOPIC.test(topic)) {
    return topic;
  }
  // Never `String(topic)`: what a client sent may have a `toString` that is no function.
  const shown = typeof topic === "string" ? JSON.stringify(topic.slice(0, 40)) : typeof topic;
  const grammar = `1 to ${MAX_TOPIC_LENGTH} characters of A-Z a-z 0-9 _ . : / -`;
  throw new SyncError("topic-invalid", `channel name ${shown} is not ${grammar}`);
}

/** What Devvit takes for a channel name. */
const DEVVIT_NAME = /^[A-Za-z0-9_]+$/;

/** Returns the name if Devvit would take it. Throws `topic-invalid`, in Devvit's own words. */
export function parseDevvitName(name: unknown): string {
  if (typeof name === "string" && name.length <= MAX_TOPIC_LENGTH && DEVVIT_NAME.test(name)) {
    return name;
  }
  const shown = typeof name === "string" ? name.slice(0, 40) : typeof name;
  const rule = "channels may only contain letters, numbers, and underscores";
  throw new SyncError("topic-invalid", `invalid channel name "${shown}"; ${rule}`);
}

/**
 * Matches topics segment by segment: `*` stands for one segment, a last `**` for one or
 * more, anything else for itself.
 */
export class TopicPattern {
  readonly text: string;
  readonly #segments: readonly string[];
  readonly #isOpen: boolean;

  constructor(text: string) {
    this.text = text;
    const segments = text.split("/");
    this.#isOpen = segments.at(-1) === "**";
    this.#segments = this.#isOpen ? segments.slice(0, -1) : segments;
    for (const segment of this.#segments) if (segment !== "*") parseTopic(segment);
  }

  matches(topic: string): boolean {
    const segments = topic.split("/");
    const wanted = this.#segments.length;
    if (this.#isOpen ? segments.length <= wanted : segments.length !== wanted) return false;
    return this.#segments.every((each, at) => each === "*" || each === segments[at]);
  }
}
