import assert from "node:assert/strict";
import { join } from "node:path";
import { useBrowser } from "../support/browser.ts";
import { usePagePrograms } from "../support/page-programs.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";
import { GameRoom } from "./pages/react/game-room.ts";

interface Seen {
  torn: string[];
  heard: number[];
}

describe("atrium/client/react in concurrent renders", () => {
  const browser = useBrowser();
  const pages = usePagePrograms(
    { tearing: join(import.meta.dirname, "pages/react/tearing-page.tsx") },
    "production",
  );

  it("shows one state on the whole page, however slowly it is rendered, and hears everything", async () => {
    await using server = await startTestServer({
      rooms: { game: GameRoom },
      channels: [{ pattern: "ticks" }],
      http: pages.http,
    });
    await using page = await browser().openPage(`${server.httpUrl}/tearing`);
    await page.getByText("0 0").waitFor();
    const driver = await server.joinStock("game");
    driver.onMessage("welcome", () => undefined);
    let sent = 0;
    const tick = async (): Promise<void> => {
      sent += 1;
      await server.server.realtime.send("ticks", sent);
      driver.send("nextRound");
    };
    // Until the page is subscribed nobody hears it.
    await waitUntil(async () => {
      await tick();
      return (await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen)).heard
        .length;
    });
    for (let clicks = 0; clicks < 3; clicks++) {
      void page.getByRole("button").click();
      for (let count = 0; count < 20; count++) {
        await tick();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await page.locator(`li:nth-child(${3 * (clicks + 1) + 1})`).waitFor();
    }
    await waitUntil(async () => {
      const { heard } = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
      return heard.at(-1) === sent;
    });
    const { torn, heard } = await page.evaluate(
      () => (globalThis as unknown as { seen: Seen }).seen,
    );
    assert.deepEqual(torn, []);
    const first = heard[0] ?? 0;
    assert.deepEqual(
      heard,
      Array.from({ length: sent - first + 1 }, (_, index) => first + index),
    );
  });
});
