import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { sdk } from "../../../server/aerostack/index.ts";
import { PRESENCE_GRACE_MS } from "../../../shared/limits.ts";
import { useBrowser } from "../../support/browser.ts";
import { usePagePrograms } from "../../support/page-programs.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { PatientClock } from "./patient-clock.ts";
import { Person } from "./person.ts";
import { useServers } from "./use-servers.ts";

const FOLDER = join(import.meta.dirname, "programs");
const TABLES = { expectedErrors: [/subscribe on "(orders|todos)" is not allowed/] };

/** The texts of a list on the page, once there are as many. */
async function items(page: Page, count: number): Promise<string[]> {
  await page.locator(`li:nth-child(${count})`).waitFor();
  return await page.getByRole("listitem").allTextContents();
}

describe("Aerostack's programs in two windows", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({
    room: join(FOLDER, "chat-room.tsx"),
    orders: join(FOLDER, "live-orders.tsx"),
    online: join(FOLDER, "online-users.tsx"),
    chat: join(FOLDER, "live-chat.tsx"),
    todos: join(FOLDER, "collaborative-todos.tsx"),
    metrics: join(FOLDER, "live-metrics.tsx"),
  });
  const startServer = useServers(pages.http);

  it("A3 the chat room shows what anybody says in it, and who is typing", async () => {
    const server = await startServer();
    const windows = [
      await browser().openPage(`${server.httpUrl}/room`),
      await browser().openPage(`${server.httpUrl}/room`),
    ];
    for (const page of windows)
      await page.locator("body.SUBSCRIBED").waitFor({ state: "attached" });
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/general");
    await channel.publish("typing", { user: "Ada" });
    await channel.publish("message", { id: "1", user: "Ada", text: "hello" });
    await sdk.socket.emit("message", { id: "2", user: "System", text: "shipped" }, "chat/general");
    await channel.publish("message", { id: "3", user: "Ada", text: "thanks" }, { persist: true });
    for (const page of windows) {
      const said = ["Ada: hello", "System: shipped", "Ada: thanks"];
      assert.deepEqual(await items(page, 3), said);
      await page.getByText("Ada is typing").waitFor();
    }
  });

  it("A2 the list of orders shows itself, and says why nothing comes while there is no table", async () => {
    const server = await startServer();
    const told = [];
    for (let window = 0; window < 2; window += 1) {
      const page = await browser().openPage("about:blank", TABLES);
      const refused = page.waitForEvent("pageerror");
      await page.goto(`${server.httpUrl}/orders`);
      await page.getByText("0 orders").waitFor();
      told.push((await refused).message);
    }
    assert.deepEqual(told, Array(2).fill('subscribe on "orders" is not allowed'));
  });

  it("A19 the list of those online follows who comes, changes, leaves and closes the page", async () => {
    const server = await startServer();
    const ada = await browser().openPage(`${server.httpUrl}/online`);
    await ada.getByText("1 online").waitFor();
    const bob = await browser().openPage(`${server.httpUrl}/online`);
    const eve = await browser().openPage(`${server.httpUrl}/online`);
    const names = [];
    for (const page of [ada, bob, eve]) {
      await page.getByText("3 online").waitFor();
      names.push(await page.locator("#me").textContent());
    }
    assert.equal(new Set(names).size, 3);
    await bob.getByText("Go away").click();
    await ada.getByText(`${names[1]} is away`).waitFor();
    await ada.getByText(`${names[2]} is active`).waitFor();
    await bob.getByText("Leave").click();
    for (const page of [ada, eve]) await page.getByText("2 online").waitFor();
    const color = await ada
      .locator("li")
      .first()
      .evaluate((item) => item.style.color);
    assert.equal(color, "rgb(255, 87, 51)");
  });

  it("A20 the list of those online drops who closed the window", async () => {
    const clock = new PatientClock();
    const server = await startServer({ clock });
    const ada = await browser().openPage(`${server.httpUrl}/online`);
    const bob = await browser().openPage(`${server.httpUrl}/online`);
    await ada.getByText("2 online").waitFor();
    await bob.close({ runBeforeUnload: false });
    await graceEnds(clock, ada, "1 online");
  });

  it("A28 components that ask who we are appear when it is known, in place of the fallback", async () => {
    const server = await startServer();
    let letIn = (): void => undefined;
    const page = await browser().openPage("about:blank");
    const waiting = new Promise<void>((resolve) => (letIn = resolve));
    await page.route("**/matchmake/**", async (route) => {
      await waiting;
      await route.continue();
    });
    await page.goto(`${server.httpUrl}/online`);
    await page.getByText("Who are you?").waitFor();
    assert.equal(await page.getByText("online").count(), 0);
    letIn();
    await page.getByText("1 online").waitFor();
    assert.equal(await page.getByText("Who are you?").count(), 0);
  });

  it("A7 the live chat keeps what is said for those who come later, in the order it was said", async () => {
    const server = await startServer();
    const ada = await browser().openPage(`${server.httpUrl}/chat`);
    const bob = await browser().openPage(`${server.httpUrl}/chat`);
    const names = [];
    for (const page of [ada, bob]) {
      await page.getByText("2 online").waitFor();
      names.push(await page.locator("#me").textContent());
    }
    await say(ada, "first");
    await items(bob, 1);
    await say(bob, "  second  ");
    await items(ada, 2);
    await say(ada, "   ");
    await say(ada, "third");
    const said = [`${names[0]}: first`, `${names[1]}: second`, `${names[0]}: third`];
    for (const page of [ada, bob]) assert.deepEqual(await items(page, 3), said);
    assert.equal(await ada.getByPlaceholder("Say something").inputValue(), "");
    const eve = await browser().openPage(`${server.httpUrl}/chat`);
    assert.deepEqual(await items(eve, 3), said);
    await ada.getByText("3 online").waitFor();
    const title = (await ada.getByRole("heading").textContent()) ?? "";
    for (const name of names) assert.ok(title.includes(name ?? "?"), title);
  });

  it("A19 the todo list shows who else looks at it, although its table is not there", async () => {
    const clock = new PatientClock();
    const server = await startServer({ clock });
    const ada = await browser().openPage(`${server.httpUrl}/todos`, TABLES);
    const bob = await browser().openPage(`${server.httpUrl}/todos`, TABLES);
    const names = await Promise.all([ada, bob].map((page) => page.locator("#me").textContent()));
    for (const page of [ada, bob]) {
      for (const name of names) {
        await page
          .getByText(/^Editors: /)
          .filter({ hasText: name ?? "?" })
          .waitFor();
      }
    }
    await bob.goto(`${server.httpUrl}/room`);
    await graceEnds(clock, ada, `Editors: ${names[0]}`);
  });

  it("A8 the dashboard shows the numbers that the server emits", async () => {
    const server = await startServer();
    const windows = [
      await browser().openPage(`${server.httpUrl}/metrics`, TABLES),
      await browser().openPage(`${server.httpUrl}/metrics`, TABLES),
    ];
    for (const page of windows) await page.getByText("$0.00 revenue").waitFor();
    for (const page of windows)
      await page.locator("body.SUBSCRIBED").waitFor({ state: "attached" });
    const metrics = { activeUsers: 7, ordersToday: 12, revenue: 1234.5 };
    await sdk.socket.emit("metrics:update", metrics, "dashboard/metrics");
    for (const page of windows) {
      await page.getByText("7 active users").waitFor();
      await page.getByText("12 orders today").waitFor();
      await page.getByText("$1234.50 revenue").waitFor();
    }
  });
});

/** Whoever left without a word is there until their grace ends. */
async function graceEnds(clock: PatientClock, page: Page, text: string): Promise<void> {
  await waitUntil(async () => {
    await clock.advance(PRESENCE_GRACE_MS / 10);
    return await page.getByText(text, { exact: true }).isVisible();
  });
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByPlaceholder("Say something").fill(text);
  await page.getByRole("button", { name: "Say it" }).click();
}
