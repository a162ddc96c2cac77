import assert from "node:assert/strict";
import { useBrowser } from "../../support/browser.ts";
import { DocumentProgram, type DocumentServer } from "../../support/document-program.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

interface ChatServer extends DocumentServer {
  announce(text: string): Promise<void>;
}

describe("the code of docs/from-aerostack.md", () => {
  const folder = useTemporaryFolder();
  const browser = useBrowser();
  let block: ChatServer;

  before("write it down, compile it and start it", async () => {
    const program = new DocumentProgram("docs/from-aerostack.md", folder());
    await program.write("server.ts", "app.tsx", "badge.ts");
    await program.addPage("app", "app.tsx");
    await program.addPage("badge", "badge.ts");
    block = await program.start<ChatServer>("server.ts");
  });

  after(async () => {
    await block.server.close();
  });

  it("is a chat in two windows, a server that speaks, and a badge that counts", async () => {
    const url = `http://127.0.0.1:${block.server.port}`;
    const badge = await browser().openPage(`${url}/badge`);
    const ada = await browser().openPage(`${url}/app`);
    const bob = await browser().openPage(`${url}/app`);
    for (const page of [ada, bob]) await page.getByText(/Online: .+, .+/).waitFor();
    await block.announce("Welcome");
    await bob.getByText("System: Welcome").waitFor();
    await badge.waitForFunction(() => document.title === "(1) Chat");
    await ada.getByLabel("Message").fill("hello everybody");
    await ada.getByLabel("Message").press("Enter");
    await badge.waitForFunction(() => document.title === "(2) Chat");
    await bob.getByText("hello everybody").waitFor();
    const said = await bob.getByRole("listitem").allTextContents();
    assert.match(said.join("\n"), /^System: Welcome\nGuest \w+: hello everybody$/);
    const eve = await browser().openPage(`${url}/app`);
    await eve.getByText(/^Guest \w+: hello everybody$/).waitFor();
    await ada.getByText(/Online: .+, .+, .+/).waitFor();
  });
});
