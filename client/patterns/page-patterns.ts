import { createPatternsClient, type PatternsClient } from "./patterns-client.ts";

/**
 * The client of the server that the page came from, or of `WEBSOCKET_URL` where a process has
 * an environment: the name that programs import before anything is connected.
 */
export const client: PatternsClient = createPatternsClient();
