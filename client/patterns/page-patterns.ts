import { createPatternsClient, type PatternsClient } from "./patterns-client.ts";

/**
 * The client of the server that the page came from; in a process of `WEBSOCKET_URL`, or else of
 * port 3030 of this machine: the name that programs import before anything is connected.
 */
export const client: PatternsClient = createPatternsClient();
