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
    const server = installed(await documentBlock(DOCUMENT, "server.ts"));
    await writeFile(join(folder(), "server.ts"), server);
    for (const name of ["app.tsx", "badge.ts"]) {
      await writeFile(join(folder(), name), await documentBlock(DOCUMENT, name));
      await pages.add(name, join(folder(), name));
    }
    const globals = globalThis as { site?: unknown };
    globals.site = (request: IncomingMessage, response: ServerResponse) =>
      pages.http(request, response);
    const logger = pathToFileURL(join(REPOSITORY_FOLDER, "server/logger.ts")).href;
    const site = `export const { site } = globalThis;
      export { silentLogger as logger } from "${logger}";`;
    await writeFile(join(folder(), "site.ts"), site);
  });

  after(async () => {
    await block?.server.close();
  });

  it("is a chat in two windows, a server that speaks, and a badge that counts", async () => {
    const path = pathToFileURL(join(folder(), "server.ts")).href;
    block = (await import(path)) as ServerBlock;
    const url = `http://127.0.0.1:${block.server.port}`;
    const badge = await browser().openPage(`${url}/badge.ts`);
    const ada = await browser().openPage(`${url}/app.tsx`);
    const bob = await browser().openPage(`${url}/app.tsx`);
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
    const eve = await browser().openPage(`${url}/app.tsx`);
    await eve.getByText(/^Guest \w+: hello everybody$/).waitFor();
    await ada.getByText(/Online: .+, .+, .+/).waitFor();
  });
});
