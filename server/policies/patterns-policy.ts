import type { ChannelPolicy } from "../channels/channel-policy.ts";
import type { PresetOptions } from "./preset-options.ts";

/**
 * The world of patterns: every session may hear, publish, be present and read the history on
 * every topic.
 */
export function patterns(options: PresetOptions = {}): ChannelPolicy {
  return { pattern: "**", publish: true, ...options };
}
