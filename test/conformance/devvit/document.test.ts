import { symlink, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { useBrowser } from "../../support/browser.ts";
import { PagePrograms } from "../../support/page-programs.ts";
import { documentBlock } from "../../support/readme-block.ts";
import { REPOSITORY_FOLDER } from "../../support/run-command.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { waitUntil } from "../../support/wait-until.ts";

const DOCUMENT = "docs/from-devvit.md";

interface ServerBlock {
  readonly server: { readonly port: number; close(): Promise<void> };
  tellScore(playerId: string, score: number): Promise<void>;
}

/** As it would run where the package is installed, quietly and on a free port. */
function installed(block: string): string {
  return block
    .replaceAll(/"atrium\/([\w/]+)"/g, `"${pathToFileURL(REPOSITORY_FOLDER).href}/$1/index.ts"`)
    .replace("listen(2567)", 'listen(0, "127.0.0.1")')
    .replace("createServer({", "createServer({ guestSecret: new Uint8Array(32), logger,")
    .replace('"./site.ts";', '"./site.ts";\nimport { logger } from "./site.ts";');
}

/** A page's bundle has no top-level await; a page's module script has. */
function asFunction(block: string): string {
  const [imports = "", ...rest] = block.split("\n\n");
  return `${imports}\n\nvoid (async () => {\n${rest.join("\n\n")}\n})();\n`;
}

describe("the code of docs/from-devvit.md", () => {
  const folder = useTemporaryFolder();
  const browser = useBrowser();
  const pages = new PagePrograms();
  let block: ServerBlock;

  before("write it down, as whoever reads it would", async () => {
    await symlink(join(REPOSITORY_FOLDER, "node_modules"), join(folder(), "node_modules"));
    const write = async (name: string, change: (block: string) => string): Promise<string> => {
      const path = join(folder(), name);
      await writeFile(path, change(await documentBlock(DOCUMENT, name)));
      return path;
    };
    await pages.add("page", await write("page.ts", asFunction));
    const toThisServer = (text: string): string =>
      asFunction(text).replace(
        '"wss://games.example.com"',
        'location.origin.replace("http", "ws")',
      );
    await pages.add("elsewhere", await write("elsewhere.ts", toThisServer));
    await pages.add("post", await write("post.tsx", (text) => text));
    const globals = globalThis as { site?: unknown };
    globals.site = (request: IncomingMessage, response: ServerResponse) =>
      pages.http(request, response);
    const logger = pathToFileURL(join(REPOSITORY_FOLDER, "server/logger.ts")).href;
    const site = `export const { site } = globalThis;
      export { silentLogger as logger } from "${logger}";`;
    await writeFile(join(folder(), "site.ts"), site);
    block = (await import(await write("server.ts", installed))) as ServerBlock;
  });

  after(async () => {
    await block.server.close();
  });

  const url = (): string => `http://127.0.0.1:${block.server.port}`;

  it("shows a score that the server tells, in the page and elsewhere", async () => {
    const page = await browser().openPage(`${url()}/page`);
    await page.waitForFunction(() => document.title === "Live: game-updates");
    const elsewhere = await browser().openPage(`${url()}/elsewhere`);
    let score = 0;
    await waitUntil(async () => {
      score += 1;
      await block.tellScore("Ada", score);
      await page.getByText(`Ada has ${score} points.`).waitFor();
      // It says nothing of when it is connected.
      return (await elsewhere.getByText('"playerId":"Ada"').count()) > 0;
    });
  });

  it("is a bar that one window fills and another one shows", async () => {
    const windows = [
      await browser().openPage(`${url()}/post`),
      await browser().openPage(`${url()}/post`),
    ];
    for (const page of windows) await page.getByRole("button", { disabled: false }).waitFor();
    await windows[0]!.getByRole("button").click();
    for (const page of windows) await page.locator('progress[value="10"]').waitFor();
    await windows[1]!.getByRole("button").click();
    for (const page of windows) await page.locator('progress[value="20"]').waitFor();
  });
});
