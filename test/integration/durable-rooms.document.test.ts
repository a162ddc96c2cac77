import assert from "node:assert/strict";
import { connect, type JoinedRoom } from "../../client/index.ts";
import type { RealtimeServer, SyncRoom } from "../../server/index.ts";
import { DocumentProgram, type DocumentServer } from "../support/document-program.ts";
import { documentBlock } from "../support/readme-block.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const DOCUMENT = "docs/durable-rooms.md";
const PERSISTENCE = /override persistence = .*;/;

/** What the document's room is to a client. */
declare class TownRoom extends SyncRoom<{ state: Town }> {
  override messages: {
    build: (client: unknown, plot: string) => void;
    chronicle: (client: unknown, nothing: null) => Promise<Entry[]>;
  };
}
interface Town {
  houses: Map<string, string>;
  founded: number;
}
interface Entry {
  name: string;
  payload: string;
}
type TownServer = RealtimeServer<{ town: typeof TownRoom }>;

describe(`the code of ${DOCUMENT}`, () => {
  const folder = useTemporaryFolder();
  let program: DocumentProgram;

  before("write it down, and compile it", async () => {
    program = new DocumentProgram(DOCUMENT, folder());
    await program.write("kept.ts");
  });

  /** The block as a server in this folder; `change` says what is other than in the document. */
  async function serve(block: string, change: (text: string) => string): Promise<DocumentServer> {
    const store = `createServer({ guestSecret: new Uint8Array(32), dataFolder: "${folder()}",`;
    const running = await program.run<{ server: TownServer }>(block, (text) =>
      change(text)
        .replace("sqlite:data/", `sqlite:${folder()}/data/`)
        .replace("createServer({", store),
    );
    await running.server.listen(0, "127.0.0.1");
    return running;
  }

  async function join({ server }: DocumentServer): Promise<JoinedRoom<TownRoom>> {
    const realtime = connect<TownServer>(`ws://127.0.0.1:${server.port}`);
    return realtime.join("town", { town: "home" });
  }

  it("keeps what was built, tells who built it, and migrates it to the next version", async () => {
    const first = await serve("kept.ts", (text) => text);
    const builder = await join(first);
    await builder.request("build", "a1");
    const [entry] = await builder.request("chronicle", null);
    assert.deepEqual([entry?.name, entry?.payload], ["build", "a1"]);
    await builder.leave();
    await first.server.close();

    const kept = await documentBlock(DOCUMENT, "kept.ts");
    const next = await serve("migrated.ts", (text) => {
      assert.match(kept, PERSISTENCE);
      return kept.replace(PERSISTENCE, () => text);
    });
    const visitor = await join(next);
    assert.match(visitor.state.houses.get("a1") ?? "", /^Guest /);
    await visitor.leave();
    await next.server.close();
  });
});
