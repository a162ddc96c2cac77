import type { ChannelPolicy } from "../channels/channel-policy.ts";
import type { PresetOptions } from "./preset-options.ts";

/**
 * The world of Aerostack: every session may hear, publish, be present and read the history
 * on every channel with a slash in its name. A name without one is a table's: it is
 * `not-allowed`, whether there is such a table or not.
 */
export function aerostack(options: PresetOptions = {}): ChannelPolicy {
  return { pattern: "*/**", publish: true, ...options };
}
