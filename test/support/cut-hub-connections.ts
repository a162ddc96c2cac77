import { matchMaker } from "@colyseus/core";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { HUB_ROOM } from "../../shared/protocol/channel-messages.ts";

/** Every connection to this process's hub is gone, without a word to the other side. */
export async function cutHubConnections(): Promise<void> {
  const hubs = await matchMaker.query({ name: HUB_ROOM });
  for (const { roomId } of hubs) {
    const clients = matchMaker.getLocalRoomById(roomId)?.clients ?? [];
    for (const client of clients) (client as RoomClient).ref.terminate();
  }
}
