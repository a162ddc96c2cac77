import type { DevvitSwitch } from "../../shared/devvit-switch.ts";
import type { ServerType } from "../../shared/room-types.ts";
import type { Channel } from "../channels/channel.ts";
import type { RealtimeClient } from "../realtime-client.ts";

/** The part of a client that Devvit's names need. */
export type ChannelClient = Pick<RealtimeClient<ServerType>, "channel">;

/** What all names of one Devvit share. */
export interface DevvitParts {
  readonly capabilities: DevvitSwitch;
  readonly realtime: () => ChannelClient;
  /** Throws `topic-invalid` for what is no channel name. */
  readonly parseName: (name: unknown) => string;
}

/** A handle of the channel; what cannot be sent at once is refused. */
export function openChannel({ realtime }: DevvitParts, name: string): Channel {
  return realtime().channel(name, { whenOffline: "reject" });
}
