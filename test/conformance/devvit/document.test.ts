import { useBrowser } from "../../support/browser.ts";
import { DocumentProgram, type DocumentServer } from "../../support/document-program.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { waitUntil } from "../../support/wait-until.ts";

interface ScoreServer extends DocumentServer {
  tellScore(playerId: string, score: number): Promise<void>;
}

/** A page's bundle has no top-level await; a page's module script has. */
function asFunction(block: string): string {
  const [imports = "", ...rest] = block.split("\n\n");
  return `${imports}\n\nvoid (async () => {\n${rest.join("\n\n")}\n})();\n`;
}

function toThisServer(block: string): string {
  const origin = 'location.origin.replace("http", "ws")';
  return asFunction(block).replace('"wss://games.example.com"', origin);
}

describe("the code of docs/from-devvit.md", () => {
  const folder = useTemporaryFolder();
  const browser = useBrowser();
  let block: ScoreServer;

  before("write it down, compile it and start it", async () => {
    const program = new DocumentProgram("docs/from-devvit.md", folder());
    await program.write("server.ts", "page.ts", "post.tsx", "elsewhere.ts");
    await program.addPage("page", "page.ts", asFunction);
    await program.addPage("post", "post.tsx");
    await program.addPage("elsewhere", "elsewhere.ts", toThisServer);
    block = await program.start<ScoreServer>("server.ts");
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
