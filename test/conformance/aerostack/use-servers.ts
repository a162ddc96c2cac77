import type { IncomingMessage, ServerResponse } from "node:http";
import { aerostack } from "../../../server/index.ts";
import type { ServerOptions } from "../../../server/server-options.ts";
import { startTestServer, type TestServer } from "../../support/start-test-server.ts";

type Http = (request: IncomingMessage, response: ServerResponse) => void;
type PageOptions = Pick<ServerOptions<Record<string, never>>, "auth" | "clock">;
type PageServer = TestServer<Record<string, never>>;

/**
 * Inside `describe`, below `useBrowser()`: servers of pages in Aerostack's world, one for each
 * test. They end behind the test's windows, which would complain of the end.
 */
export function useServers(http: Http): (options?: PageOptions) => Promise<PageServer> {
  let server: PageServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  return async (options) => {
    server = await startTestServer({ rooms: {}, channels: aerostack(), http, ...options });
    return server;
  };
}
