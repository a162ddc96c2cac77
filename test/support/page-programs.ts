import type { IncomingMessage, ServerResponse } from "node:http";
import { bundleScript, type ReactMode } from "./bundle.ts";

const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width" />
  <title>A page of a test</title>
  <link rel="icon" href="data:," />
  <div id="root"></div>
  <script src="/script.js"></script>
</html>
`;

/**
 * Programs for pages, each a `.tsx` or `.ts` file that runs by itself, such as a component
 * with `mountPage(<Chat />)` as its last line (`mount-page.tsx`). Each has a page of its own,
 * on the server's own origin. They import entries by the package's names (`atrium/client`,
 * `atrium/client/react`) or by path.
 *
 *     describe("the chat", () => {
 *       const browser = useBrowser();
 *       const pages = usePagePrograms({ chat: join(import.meta.dirname, "programs/chat.tsx") });
 *
 *       it("A7 …", async () => {
 *         await using server = await startTestServer({ rooms: {}, channels, http: pages.http });
 *         const anna = await browser().openPage(`${server.httpUrl}/chat?name=Anna`);
 *         const ben = await browser().openPage(`${server.httpUrl}/chat?name=Ben`);
 *         await anna.getByRole("textbox").fill("hi");
 *         await ben.getByText("hi").waitFor();
 *       });
 *     });
 *
 * `openPage` opens a window of a person of their own: a `BrowserContext`, with its own guest
 * token; `page.context().newPage()` is a second tab of the same person. `useBrowser` closes
 * the windows after each test, and a console error or an uncaught error in one of them fails
 * the test, React's own warnings included; `expectedErrors` names those that a test provokes.
 */
export class PagePrograms {
  readonly #scripts = new Map<string, string>();

  /** For the server's `http` option: `/chat` is the page of the program `chat`. */
  readonly http = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const [, name = "", rest] = pathname.split("/");
    const script = this.#scripts.get(name);
    if (script !== undefined && rest === "script.js") answer(response, "text/javascript", script);
    else if (script !== undefined && rest === undefined) {
      answer(response, "text/html", PAGE.replace("/script.js", `/${name}/script.js`));
    } else {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("no such page\n");
    }
  };

  async add(name: string, file: string, react: ReactMode = "development"): Promise<void> {
    this.#scripts.set(name, await bundleScript(file, react));
  }
}

/** Inside `describe`: bundles the programs, by the names of their pages, before its tests. */
export function usePagePrograms(
  files: Readonly<Record<string, string>>,
  react: ReactMode = "development",
): PagePrograms {
  const programs = new PagePrograms();
  before(async () => {
    for (const [name, file] of Object.entries(files)) await programs.add(name, file, react);
  });
  return programs;
}

function answer(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(text);
}
