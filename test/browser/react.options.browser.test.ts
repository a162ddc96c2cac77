import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { useBrowser } from "../support/browser.ts";
import { usePagePrograms } from "../support/page-programs.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";
import { GameRoom } from "./pages/react/game-room.ts";

/** Writes down who comes and goes, in order. */
class WatchedRoom extends GameRoom {
  static readonly events: string[] = [];

  override onJoin(...given: Parameters<GameRoom["onJoin"]>): void {
    super.onJoin(...given);
    WatchedRoom.events.push(`joined ${given[1].match}`);
  }

  override onLeave(): void {
    WatchedRoom.events.push("left");
  }
}

describe("what the React hooks are given", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({
    options: join(import.meta.dirname, "pages/react/options-page.tsx"),
  });
  const verified: string[] = [];
  let server: TestServer<{ game: typeof WatchedRoom }>;

  beforeEach(async () => {
    verified.length = 0;
    WatchedRoom.events.length = 0;
    server = await startTestServer({
      rooms: { game: WatchedRoom },
      channels: [{ pattern: "table/*" }, { pattern: "news/*" }],
      http: pages.http,
      auth: {
        verify: (token) => {
          verified.push(token);
          const [name = ""] = token.split("-");
          return { id: name, name };
        },
      },
    });
  });
  afterEach(() => server.close());

  function press(page: Page, name: string): Promise<void> {
    return page.getByRole("button", { name, exact: true }).click();
  }

  async function shows(page: Page, id: string, text: string | RegExp): Promise<void> {
    const pattern = typeof text === "string" ? new RegExp(`^${text}$`) : text;
    await page.locator(`#${id}`, { hasText: pattern }).waitFor();
  }

  function tell(channel: string, text: string): Promise<unknown> {
    return server.server.realtime.send(channel, text);
  }

  it("carries channels over the room's connection, and moves with it to another room", async () => {
    const page = await browser().openPage(`${server.httpUrl}/options`);
    await shows(page, "beside", "subscribed: ");
    await shows(page, "members", "a");
    await tell("table/1", "first");
    await shows(page, "beside", "subscribed: first");
    await press(page, "match");
    await shows(page, "members", "b");
    await shows(page, "beside", "subscribed: ");
    await tell("table/1", "second");
    await shows(page, "beside", "subscribed: second");
    assert.deepEqual(WatchedRoom.events, ["joined a", "left", "joined b"]);
  });

  it("follows a topic that comes, changes and goes", async () => {
    const page = await browser().openPage(`${server.httpUrl}/options`);
    await shows(page, "chosen", "subscribing: ");
    await press(page, "publish");
    await press(page, "news 1");
    await shows(page, "chosen", "subscribed: ");
    await tell("news/1", "one");
    await shows(page, "chosen", "subscribed: one");
    await press(page, "news 2");
    await shows(page, "chosen", "subscribed: ");
    await tell("news/1", "unheard");
    await tell("news/2", "two");
    await shows(page, "chosen", "subscribed: two");
    await press(page, "none");
    await shows(page, "chosen", "subscribing: ");
  });

  it("shows the newest token, and leaves a client that it was given as it is", async () => {
    const page = await browser().openPage(`${server.httpUrl}/options`);
    await shows(page, "beside", "subscribed: ");
    await press(page, "token");
    await waitUntil(() => verified.includes("anna-2"));
    await press(page, "own");
    await shows(page, "who", "ben heard 0");
    await waitUntil(() => WatchedRoom.events.at(-1) === "left");
    await press(page, "own");
    await shows(page, "who", "anna heard 0");
    const status = await page.evaluate(
      () => (globalThis as unknown as { own: { status: string } }).own.status,
    );
    assert.equal(status, "connected");
  });
});
