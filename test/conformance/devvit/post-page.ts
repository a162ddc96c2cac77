import type { Page } from "playwright-core";
import type { RealtimeServer } from "../../../server/realtime-server.ts";

/** A window with `programs/channel-page.tsx`, seen with a visitor's eyes. */
export class PostPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(10_000);
  }

  async click(name: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  async waitForStatus(name: string): Promise<void> {
    await this.page.locator("output", { hasText: new RegExp(`^${name}$`) }).waitFor();
  }

  /** Waits for that many lines, and returns all. */
  async lines(count: number): Promise<string[]> {
    const items = this.page.getByRole("listitem");
    if (count > 0) await items.nth(count - 1).waitFor();
    return await items.allTextContents();
  }

  /** Every status so far, one after the other. */
  async statuses(): Promise<string> {
    return await this.page.locator("#statuses").innerText();
  }

  /** Returns when everything that happened so far is on the page. */
  async renderAgain(): Promise<void> {
    await this.click(/^render again/);
  }
}

/** Breaks every connection to the server there is at the moment, without a word. */
export function useCuts(server: Pick<RealtimeServer, "httpServer">): () => void {
  const sockets = new Set<{ destroy(): void }>();
  server.httpServer.on("upgrade", (_request, socket) => sockets.add(socket));
  return () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
}
