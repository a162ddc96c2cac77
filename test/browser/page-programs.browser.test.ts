import assert from "node:assert/strict";
import { join } from "node:path";
import { useBrowser } from "../support/browser.ts";
import { usePagePrograms } from "../support/page-programs.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const COUNTER = join(import.meta.dirname, "pages/counter-page.tsx");

describe("a page program", () => {
  const browser = useBrowser();

  for (const [react, mounts] of [
    ["development", 2],
    ["production", 1],
  ] as const) {
    describe(`with the ${react} build of React`, () => {
      const pages = usePagePrograms({ counter: COUNTER }, react);

      it(`is mounted ${mounts} times in StrictMode and reaches the server it came from`, async () => {
        const channels = [{ pattern: "news" }];
        await using server = await startTestServer({ rooms: {}, channels, http: pages.http });
        await using anna = await browser().openPage(`${server.httpUrl}/counter`);
        await using ben = await browser().openPage(`${server.httpUrl}/counter?name=Ben`);
        await anna.getByText(`mounted ${mounts} times`).waitFor();
        let sent = 0;
        for (const page of [anna, ben]) {
          await waitUntil(async () => {
            sent += 1;
            await server.server.realtime.send("news", `number ${sent}`);
            return (await page.getByRole("listitem").count()) > 0;
          });
        }
        assert.equal((await fetch(`${server.httpUrl}/nobody`)).status, 404);
      });
    });
  }
});
