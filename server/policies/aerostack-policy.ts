import type { ChannelPolicy } from "../channels/channel-policy.ts";
import type { PresetOptions } from "./preset-options.ts";

/**
 * The world of Aerostack: every session may hear, publish, be present and read the history
 * on every channel with a slash in its name. `typing` is for those who are there at the
 * moment, and never kept. A name without a slash is a table's: it is `not-allowed`, whether
 * there is such a table or not.
 */
export function aerostack(options: PresetOptions = {}): ChannelPolicy {
  return { pattern: "*/**", publish: { typing: { volatile: true }, "*": true }, ...options };
}
