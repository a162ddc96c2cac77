import type { ChannelPolicy } from "../channels/channel-policy.ts";
import type { PolicyLimits } from "../channels/policy-limits.ts";
import {
  DEVVIT_CHANNELS,
  DEVVIT_PAYLOAD_BYTES,
  DEVVIT_PUBLICATIONS_PER_SECOND,
} from "../../shared/limits.ts";
import type { PresetOptions } from "./preset-options.ts";

/** What one may say of `devvit()` and `devvitBlocks()` in one's own way. */
export interface DevvitOptions extends PresetOptions {
  /**
   * True: names of letters, numbers and underscores only, as Devvit's client checks them.
   * Default no: Devvit's own documentation uses names such as `my-channel`.
   */
  readonly strict?: boolean;
}

const limits: PolicyLimits = {
  publications: {
    perSecond: DEVVIT_PUBLICATIONS_PER_SECOND,
    burst: DEVVIT_PUBLICATIONS_PER_SECOND,
  },
  channels: DEVVIT_CHANNELS,
  payloadBytes: DEVVIT_PAYLOAD_BYTES,
};

/**
 * The world of Devvit Web: every session may hear every channel, only the server's code
 * publishes. 100 messages a second, 5 channels, 1 MB a message, for the whole application.
 */
export function devvit(options: DevvitOptions = {}): ChannelPolicy {
  const { strict = false, ...said } = options;
  return {
    pattern: "**",
    presence: false,
    history: false,
    ...said,
    ...(strict ? { strict: "devvit" } : {}),
    limits: { ...limits, ...said.limits },
  };
}

/**
 * The world of Devvit Blocks: like `devvit()`, and every session may publish on the channels
 * that it is subscribed to. Nothing is stored.
 */
export function devvitBlocks(options: DevvitOptions = {}): ChannelPolicy {
  return {
    ...devvit(options),
    publish: { "*": { persist: false } },
    publishesSubscribed: true,
  };
}
