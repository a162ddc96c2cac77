import type { Rate } from "../limits/rate.ts";

/**
 * What the channels of one policy may take. They are one application's: what is not said to
 * be each user's is for all of them together, the server's own code included.
 */
export interface PolicyLimits {
  /** Messages, of whoever publishes. */
  readonly publications?: Rate;
  /** Their payloads, in bytes of JSON. */
  readonly publicationBytes?: Rate;
  /** Channels that are in use at the same time. */
  readonly channels?: number;
  /** The largest payload, in bytes of JSON; 1,048,576 at most. */
  readonly payloadBytes?: number;
}
