import assert from "node:assert/strict";
import { DocumentProgram, type DocumentServer } from "../support/document-program.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

interface StockPage {
  drive(url: string, roomName: string): Promise<number>;
}

interface Page {
  drive(url: string): Promise<string>;
}

describe("the code of docs/from-colyseus.md", () => {
  const folder = useTemporaryFolder();
  let program: DocumentProgram;
  let running: DocumentServer;

  before("write it down, compile it and start it", async () => {
    program = new DocumentProgram("docs/from-colyseus.md", folder());
    await program.write("race-room.ts", "server.ts", "stock-page.ts", "our-page.ts");
    running = await program.start("server.ts");
  });

  after(() => running.server.close());

  const url = (): string => `ws://127.0.0.1:${running.server.port}`;

  it("lets a stock SDK drive in a room of plain Colyseus, and in one of ours", async () => {
    const { drive } = await program.run<StockPage>("stock-page.ts");
    assert.equal(await drive(url(), "plain-race"), 1);
    assert.equal(await drive(url(), "race"), 1);
  });

  it("lets our client see its lap when it is told of it, and wait for the next one", async () => {
    const { drive } = await program.run<Page>("our-page.ts");
    assert.equal(await drive(url()), "1 lap, then cooldown");
  });
});
