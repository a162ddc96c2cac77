import { pageClient } from "../page-client.ts";
import { bindDevvit } from "./create-devvit.ts";

/** Devvit's names, bound to the server that the page came from. */
export const { Devvit, connectRealtime, disconnectRealtime, isRealtimeConnected, useChannel } =
  bindDevvit(pageClient);
