import type { DevvitSwitch } from "../../shared/devvit-switch.ts";
import type { SyncError } from "../../shared/errors.ts";
import type { ServerType } from "../../shared/room-types.ts";
import type { Channel } from "../channels/channel.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import type { RealtimeClient } from "../realtime-client.ts";
import type { JSONValue } from "./json-value.ts";

/** The part of a client that Devvit's names need. */
export type ChannelClient = Pick<RealtimeClient<ServerType>, "channel">;

/** What all names of one Devvit share. */
export interface DevvitParts {
  readonly capabilities: DevvitSwitch;
  readonly realtime: () => ChannelClient;
  /** Throws `topic-invalid` for what is no channel name. */
  readonly parseName: (name: unknown) => string;
}

/** What a channel is to Devvit's programs. */
export interface ChannelFollower {
  readonly onConnect: () => void;
  readonly onMessage: (message: JSONValue) => void;
  /** Connected again, and some messages are missing for good. */
  readonly onResync: () => void;
  /** Once for each `onConnect`. */
  readonly onDisconnect: (reason: DisconnectReason) => void;
  /** The last call: it ended, with an error that no `onDisconnect` told of. */
  readonly onEnd: (error: SyncError | undefined) => void;
}

/** Subscribes to a channel on which what cannot be sent at once is refused. */
export function openChannel(
  { realtime }: DevvitParts,
  name: string,
  follower: ChannelFollower,
): Channel {
  const channel = realtime().channel(name, { whenOffline: "reject" });
  let wasKicked = false;
  channel.on("message", ({ data }) => follower.onMessage(data as JSONValue));
  channel.on("resync", () => follower.onResync());
  channel.onDisconnect((reason) => {
    wasKicked = reason === "kicked";
    follower.onDisconnect(reason);
  });
  return channel.subscribe((status, error) => {
    if (status === "SUBSCRIBED") follower.onConnect();
    const isOver = status === "CHANNEL_ERROR" || status === "CLOSED";
    if (isOver) follower.onEnd(wasKicked ? undefined : error);
  });
}
