import type { ChannelPolicy } from "../channels/channel-policy.ts";

/** What every preset lets one say in one's own way. */
export type PresetOptions = Partial<Pick<ChannelPolicy, "pattern" | "authorize" | "limits">>;
