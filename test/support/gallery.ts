import { matchMaker } from "@colyseus/core";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { buildSite } from "../../examples/build-site.ts";
import { rooms } from "../../examples/rooms.ts";
import { serveSite } from "../../examples/site.ts";
import { createServer, type RealtimeServer } from "../../server/index.ts";
import { REPOSITORY_FOLDER } from "./run-command.ts";

/**
 * Where this process has its pages: another one that runs tests beside it, or `npm start`, may
 * build them anew at any moment.
 */
export const PAGES_FOLDER = join(REPOSITORY_FOLDER, `.cache/pages-${process.pid}`);

/** The built pages do not change while the tests run: the first who asks has them built. */
let building: Promise<void> | undefined;

/** The gallery as `npm start` serves it, on a free port, with nothing kept. */
export class TestGallery {
  readonly #server: RealtimeServer<typeof rooms>;

  constructor(server: RealtimeServer<typeof rooms>) {
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** An open room, from inside. */
  room<Name extends keyof typeof rooms>(
    name: Name,
    roomId: string,
  ): InstanceType<(typeof rooms)[Name]> {
    const room: unknown = matchMaker.getLocalRoomById(roomId);
    if (room instanceof rooms[name]) return room as InstanceType<(typeof rooms)[Name]>;
    throw new Error(`no room "${roomId}" of "${name}" is open`);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

/** Once in a run. */
export async function buildPages(): Promise<void> {
  building ??= buildSite(PAGES_FOLDER);
  await building;
}

async function startGallery(): Promise<TestGallery> {
  await buildPages();
  const server = createServer({
    rooms,
    http: serveSite(PAGES_FOLDER),
    guestSecret: randomBytes(32),
  });
  await server.listen(0, "127.0.0.1");
  return new TestGallery(server);
}

/** Inside `describe`: a gallery for its tests. */
export function useGallery(): () => TestGallery {
  let gallery: TestGallery | undefined;
  before(async () => {
    gallery = await startGallery();
  });
  after(async () => {
    await gallery?.close();
  });
  return () => {
    if (!gallery) throw new Error("useGallery() gives a gallery only while a test runs");
    return gallery;
  };
}
