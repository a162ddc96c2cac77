import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { sdk } from "../../../server/aerostack/index.ts";
import { useBrowser } from "../../support/browser.ts";
import { cutHubConnections } from "../../support/cut-hub-connections.ts";
import { usePagePrograms } from "../../support/page-programs.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { namedTokens } from "./named-tokens.ts";
import { Person } from "./person.ts";
import { useServers } from "./use-servers.ts";

const FOLDER = join(import.meta.dirname, "programs");
/** What Chromium says of a network that a test takes away. */
const CUT = { expectedErrors: [/ERR_INTERNET_DISCONNECTED/] };

async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: new RegExp(`^${text}$`) }).waitFor();
}

describe("Aerostack's provider and hooks", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({
    status: join(FOLDER, "connection-indicator.tsx"),
    hooks: join(FOLDER, "hooks.tsx"),
    providers: join(FOLDER, "providers.tsx"),
  });
  const startServer = useServers(pages.http);

  async function color(page: Page): Promise<string> {
    return await page.locator("#status").evaluate((status) => (status as HTMLElement).style.color);
  }

  it("A29 connect by themselves, and show every status in its colour", async () => {
    const server = await startServer();
    const page = await browser().openPage(`${server.httpUrl}/status`, CUT);
    await waitForText(page, "#status", "connected");
    assert.equal(await color(page), "green");
    await page.context().setOffline(true);
    await cutHubConnections();
    await waitForText(page, "#status", "reconnecting");
    assert.equal(await color(page), "orange");
    await page.context().setOffline(false);
    await waitForText(page, "#status", "connected");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await waitForText(page, "#status", "disconnected");
    assert.equal(await color(page), "red");
    const shown = await page.locator("body").getAttribute("data-log");
    assert.deepEqual(shown?.split(", "), [
      "idle gray",
      "connecting yellow",
      "connected green",
      "reconnecting orange",
      "connected green",
      "disconnected red",
    ]);
  });

  it("A23 connect and disconnect when a button says so", async () => {
    const server = await startServer();
    const page = await browser().openPage(`${server.httpUrl}/status`);
    await waitForText(page, "#status", "connected");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await waitForText(page, "#status", "disconnected");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await waitForText(page, "#status", "connected");
    await page.getByText("Connected by hand").waitFor();
  });

  for (const mode of ["", "?strict"]) {
    const runs = mode === "" ? 1 : 2;
    const where = mode === "" ? "" : " in StrictMode";

    it(`A28 give the same objects in every render and through a cut${where}`, async () => {
      const server = await startServer();
      const page = await browser().openPage(`${server.httpUrl}/hooks${mode}`, CUT);
      await waitForText(page, "#runs", String(runs));
      for (const count of [0, 1, 2]) await page.getByText(`Render ${count}`).click();
      const returning = page.waitForEvent("websocket");
      await cutHubConnections();
      await returning;
      await page.getByText("Render 3").click();
      await sdk.socket.emit("count", 1, "room/probe");
      await waitForText(page, "#heard", "1");
      await waitForText(page, "#runs", String(runs));
    });

    it(`A28 cost others no leave and no join when a component is mounted anew${where}`, async () => {
      const server = await startServer();
      using ada = new Person(server);
      const seen: string[] = [];
      const watching = ada.realtime.channel("room/probe").on("*", ({ event }) => seen.push(event));
      await watching.subscribe().ready;
      const page = await browser().openPage(`${server.httpUrl}/hooks${mode}`);
      await waitForText(page, "#runs", String(runs));
      await waitUntil(() => seen.length === 1);
      for (const count of [0, 1, 2]) await page.getByText(`Remount ${count}`).click();
      await page.getByText("Remount 3").waitFor();
      await sdk.socket.emit("count", 1, "room/probe");
      await waitForText(page, "#heard", "1");
      await waitUntil(() => seen.includes("count"));
      assert.deepEqual(seen, ["presence:join", "count"]);
    });
  }

  it("A28 hear every event of a burst, not only the last", async () => {
    const server = await startServer();
    const page = await browser().openPage(`${server.httpUrl}/hooks?strict`);
    await waitForText(page, "#runs", "2");
    await sdk.socket.emit("count", 0, "room/probe");
    await waitForText(page, "#heard", "1");
    const numbers = Array.from({ length: 200 }, (_, at) => at + 1);
    await Promise.all(numbers.map((each) => sdk.socket.emit("count", each, "room/probe")));
    await waitForText(page, "#heard", "201");
    await waitForText(page, "#sum", "20100");
  });

  it("A25 take the token of the provider, and another one without a new connection", async () => {
    const server = await startServer({ auth: namedTokens });
    using eve = new Person(server, { token: "eve/Eve" });
    const seen: string[] = [];
    const hall = eve.realtime.channel("room/hall");
    hall.on("*", ({ event, data }) => seen.push(`${event} ${data.name}`)).subscribe();
    await hall.ready;
    const page = await browser().openPage(`${server.httpUrl}/providers?token=ada/Ada`);
    await waitForText(page, "#user", "Ada");
    await page.getByText("Be a countess").click();
    await waitForText(page, "#user", "Countess Ada");
    await waitUntil(() => seen.length === 2);
    assert.deepEqual(seen, ["presence:join Ada", "presence:update Countess Ada"]);
  });

  it("A25 let in with another token whom the first one kept out", async () => {
    const server = await startServer({ auth: namedTokens });
    const page = await browser().openPage(`${server.httpUrl}/providers?token=expired`, {
      expectedErrors: [/status of 401/, /the token was refused/],
    });
    await page.waitForEvent("pageerror");
    await page.getByText("Nobody yet").waitFor();
    await page.getByText("Be a countess").click();
    await waitForText(page, "#user", "Countess Ada");
  });

  it("A23 end the connection of a provider that has its own, with what it had to say", async () => {
    const server = await startServer({ auth: namedTokens });
    using eve = new Person(server, { token: "eve/Eve" });
    const seen: unknown[] = [];
    const hall = eve.realtime.channel("room/hall");
    hall.on("*", ({ event, reason }) => seen.push([event, reason])).subscribe();
    await hall.ready;
    const page = await browser().openPage(`${server.httpUrl}/providers?token=ada/Ada`);
    for (let times = 1; times <= 2; times += 1) {
      await waitUntil(() => seen.length === times * 2 - 1);
      await page.getByText("Come and go").click();
      await waitUntil(() => seen.length === times * 2);
      await page.getByText("Come and go").click();
    }
    await waitUntil(() => seen.length === 5);
    const [come, go] = [
      ["presence:join", undefined],
      ["presence:leave", "left"],
    ];
    assert.deepEqual(seen, [come, go, come, go, come]);
  });
});
