import { MAX_PAYLOAD_BYTES } from "../../shared/limits.ts";
import { toCount, toRate, type Rate, type RateOption } from "../limits/rate.ts";
import type { RetentionLimits, WindowLimits } from "../limits/server-limits.ts";

/** How much may be published. */
export interface PublicationRates<Of = RateOption> {
  /** Messages: published, edited, deleted. */
  readonly publications?: Of;
  /** Their payloads, in bytes of JSON. */
  readonly publicationBytes?: Of;
}

/**
 * What the channels of one policy may take. They are one application's: what is not said to
 * be each user's is for all of them together, the server's own code included.
 */
export interface PolicyLimits extends PublicationRates {
  /** Channels that are in use at the same time. */
  readonly channels?: number;
  /** The largest payload, in bytes of JSON; 1,048,576 at most. */
  readonly payloadBytes?: number;
  /** Each user on these channels, beside what the server's `limits` say of users. */
  readonly user?: PublicationRates;
  /** What each of these channels remembers for those who were away. */
  readonly window?: Partial<WindowLimits>;
  /** Which of its persisted messages are kept; not more than the server's `limits` say. */
  readonly retention?: Partial<RetentionLimits>;
}

/** Limits that were looked at. */
export interface CheckedPolicyLimits {
  readonly all: PublicationRates<Rate>;
  readonly user: PublicationRates<Rate>;
  readonly channels: number;
  readonly payloadBytes: number;
  readonly window: Partial<WindowLimits>;
  readonly retention: Partial<RetentionLimits>;
}

/** Throws `RangeError` for limits that cannot be, naming the policy as `where`. */
export function checkPolicyLimits(limits: PolicyLimits, where: string): CheckedPolicyLimits {
  const { channels = Infinity, payloadBytes = MAX_PAYLOAD_BYTES, user = {} } = limits;
  const { window = {}, retention = {} } = limits;
  for (const [name, value] of Object.entries(window)) toCount(value, `${where}: window.${name}`);
  for (const [name, value] of Object.entries(retention)) {
    toCount(value, `${where}: retention.${name}`);
  }
  toCount(payloadBytes, `${where}: payloadBytes`);
  if (payloadBytes > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`${where}: payloadBytes ${payloadBytes} exceeds ${MAX_PAYLOAD_BYTES}`);
  }
  return {
    all: toRates(limits, where),
    user: toRates(user, `${where}: user`),
    channels: toCount(channels, `${where}: channels`),
    payloadBytes,
    window,
    retention,
  };
}

function toRates(rates: PublicationRates, where: string): PublicationRates<Rate> {
  const { publications, publicationBytes } = rates;
  return {
    ...(publications === undefined
      ? {}
      : { publications: toRate(publications, `${where}: publications`) }),
    ...(publicationBytes === undefined
      ? {}
      : { publicationBytes: toRate(publicationBytes, `${where}: publicationBytes`) }),
  };
}
