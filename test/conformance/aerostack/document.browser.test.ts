import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { useBrowser } from "../../support/browser.ts";
import { PagePrograms } from "../../support/page-programs.ts";
import { documentBlock } from "../../support/readme-block.ts";
import { REPOSITORY_FOLDER } from "../../support/run-command.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const DOCUMENT = "docs/from-aerostack.md";

interface ServerBlock {
  readonly server: { readonly port: number; close(): Promise<void> };
  announce(text: string): Promise<void>;
}

interface BotBlock {
  startBot(url: string): Promise<() => void>;
}

/** As it would run where the package is installed. */
function installed(block: string): string {
  return block
    .replaceAll(/"atrium\/([\w/]+)"/g, `"${pathToFileURL(REPOSITORY_FOLDER).href}/$1/index.ts"`)
    .replace("listen(2567)", 'listen(0, "127.0.0.1")')
    .replace("createServer({", "createServer({ guestSecret: new Uint8Array(32), logger,")
    .replace('"./site.ts";', '"./site.ts";\nimport { logger } from "./site.ts";');
}

describe("the code of docs/from-aerostack.md", () => {
  const folder = useTemporaryFolder();
  const browser = useBrowser();
  const pages = new PagePrograms();
  let block: ServerBlock | undefined;

  before("write it down, as whoever reads it would", async () => {
    await symlink(join(REPOSITORY_FOLDER, "node_modules"), join(folder(), "node_modules"));
    for (const name of ["server.ts", "bot.ts"]) {
      await writeFile(join(folder(), name), installed(await documentBlock(DOCUMENT, name)));
    }
    await writeFile(join(folder(), "app.tsx"), await documentBlock(DOCUMENT, "app.tsx"));
    const globals = globalThis as { site?: unknown };
    globals.site = (request: IncomingMessage, response: ServerResponse) =>
      pages.http(request, response);
    const logger = pathToFileURL(join(REPOSITORY_FOLDER, "server/logger.ts")).href;
    const site = `export const { site } = globalThis;
      export { silentLogger as logger } from "${logger}";`;
    await writeFile(join(folder(), "site.ts"), site);
    await pages.add("app", join(folder(), "app.tsx"));
  });

  after(async () => {
    await block?.server.close();
  });

  async function importBlock<Block>(name: string): Promise<Block> {
    return (await import(pathToFileURL(join(folder(), name)).href)) as Block;
  }

  it("is a chat in two windows, with a server that speaks and a bot that answers", async () => {
    block = await importBlock<ServerBlock>("server.ts");
    const { startBot } = await importBlock<BotBlock>("bot.ts");
    const url = `http://127.0.0.1:${block.server.port}`;
    const stopBot = await startBot(url);
    const ada = await browser().openPage(`${url}/app`);
    const bob = await browser().openPage(`${url}/app`);
    for (const page of [ada, bob]) await page.getByText(/Online: .+, .+/).waitFor();
    await block.announce("Welcome");
    await bob.getByText("System: Welcome").waitFor();
    await ada.getByLabel("Message").fill("hello everybody");
    await ada.getByLabel("Message").press("Enter");
    await bob.getByText("Bot: Hello!").waitFor();
    const said = await bob.getByRole("listitem").allTextContents();
    assert.match(said.join("\n"), /^System: Welcome\nGuest \w+: hello everybody\nBot: Hello!$/);
    const eve = await browser().openPage(`${url}/app`);
    await eve.getByText(/^Guest \w+: hello everybody$/).waitFor();
    await ada.getByText(/Online: .+, .+, .+/).waitFor();
    stopBot();
  });
});
