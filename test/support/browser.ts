import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { findExecutable } from "./find-executable.ts";

/** Where a run keeps its pictures, to be looked at afterwards. */
const PICTURE_FOLDER = join(import.meta.dirname, "../../test-results");

// Chromium tries to reach its maker at every start; machines that run tests are often cut off.
const QUIET_FLAGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--disable-sync",
];

export interface PageOptions extends BrowserContextOptions {
  /** Console errors that this test provokes, such as a connection that it cuts. */
  expectedErrors?: RegExp[];
}

/** One Chromium for a `describe`; every page has a context, and so a person, of its own. */
export class TestBrowser {
  readonly #chromium: Browser;
  readonly #pages: Page[] = [];
  #errors: string[] = [];

  constructor(launched: Browser) {
    this.#chromium = launched;
  }

  async openPage(url: string, options: PageOptions = {}): Promise<Page> {
    const { expectedErrors = [], ...contextOptions } = options;
    const context = await this.#chromium.newContext(contextOptions);
    const page = await context.newPage();
    this.watchErrors(page, expectedErrors);
    this.#pages.push(page);
    await page.goto(url);
    return page;
  }

  /** Reports what goes wrong in a page that the test opened by itself, such as a second tab. */
  watchErrors(page: Page, expectedErrors: RegExp[] = []): void {
    const report = (text: string): void => {
      if (!expectedErrors.some((pattern) => pattern.test(text))) this.#errors.push(text);
    };
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      report(`console error: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) =>
      report(`uncaught in the page: ${error.stack ?? error.message}`),
    );
    page.on("crash", () => report("the page crashed"));
  }

  /** Closes this test's pages; the errors they reported are returned and forgotten. */
  async closePages(pictureName?: string): Promise<string[]> {
    for (const [index, page] of this.#pages.entries()) {
      if (pictureName !== undefined) {
        // A page that hangs or is closed has no picture; the test has failed already.
        await keepPicture(page, `failed ${pictureName} ${index + 1}`).catch(() => {});
      }
      await page.context().close();
    }
    this.#pages.length = 0;
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  async close(): Promise<void> {
    await this.#chromium.close();
  }
}

/**
 * Inside `describe`: a Chromium for its tests. Pages close with their test. A console error
 * or an uncaught error in any of them fails the run, and a failed test leaves a picture.
 */
export function useBrowser(flags: readonly string[] = []): () => TestBrowser {
  let browser: TestBrowser | undefined;
  before(async () => {
    browser = await startBrowser(flags);
  });
  afterEach(async function () {
    const failed = this.currentTest?.state === "failed";
    const errors = await browser?.closePages(failed ? this.currentTest?.fullTitle() : undefined);
    if (errors && errors.length > 0) throw new Error(errors.join("\n"));
  });
  after(async () => {
    await browser?.close();
  });
  return () => {
    if (!browser) throw new Error("useBrowser() gives a browser only while a test runs");
    return browser;
  };
}

/** `flags` are Chromium's own, beside those that every test wants. */
async function startBrowser(flags: readonly string[] = []): Promise<TestBrowser> {
  const executablePath = findExecutable("chromium", "chromium-browser", "google-chrome");
  if (!executablePath) throw new Error("no Chromium on this machine: run npm test, not mocha");
  const args = [...QUIET_FLAGS, ...flags];
  return new TestBrowser(await chromium.launch({ executablePath, args }));
}

/** Keeps a picture of the page in `test-results`, under a name made from `title`. */
export async function keepPicture(page: Page, title: string): Promise<string> {
  mkdirSync(PICTURE_FOLDER, { recursive: true });
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const path = join(PICTURE_FOLDER, `${name}.png`);
  await page.screenshot({ path, timeout: 5_000 });
  return path;
}
