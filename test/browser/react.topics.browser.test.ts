import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { connect } from "../../client/connect.ts";
import type { ChannelPolicy } from "../../server/channels/channel-policy.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { type PageOptions, useBrowser } from "../support/browser.ts";
import { cutHubConnections } from "../support/cut-hub-connections.ts";
import { usePagePrograms } from "../support/page-programs.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const CHANNELS: readonly ChannelPolicy[] = [
  { pattern: "chat/*", publish: { message: true, typing: { volatile: true } } },
];

interface Counts {
  renders: number;
  heard: string[];
  rejections: number;
}

function countsOf(page: Page): Promise<Counts> {
  return page.evaluate(() => (globalThis as unknown as { counts: Counts }).counts);
}

async function messagesOf(page: Page): Promise<string[]> {
  return page.getByRole("listitem").allTextContents();
}

describe("atrium/client/react with topics, in StrictMode", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({
    chat: join(import.meta.dirname, "pages/react/chat-page.tsx"),
  });
  const clients: { disconnect(): void }[] = [];
  let server: TestServer<RoomTable>;

  beforeEach(async () => {
    server = await startTestServer({ rooms: {}, channels: CHANNELS, http: pages.http });
  });
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    clients.length = 0;
    await server.close();
  });

  async function openChat(name: string, options: PageOptions = {}): Promise<Page> {
    const page = await browser().openPage(`${server.httpUrl}/chat?name=${name}`, options);
    await page.locator("#topic-status", { hasText: "subscribed" }).waitFor();
    return page;
  }

  function say(text: string): Promise<unknown> {
    return server.server.socket.emit("message", { text }, "chat/main");
  }

  /** Who came, changed and went on the topic, as somebody else hears it. */
  function watchPresence(): string[] {
    const seen: string[] = [];
    const client = connect(server.wsUrl, { storage: null });
    clients.push(client);
    client
      .channel("chat/main")
      .on("*", ({ event, data }) => {
        if (event.startsWith("presence:")) seen.push(`${event} ${String(data.name)}`);
      })
      .subscribe();
    return seen;
  }

  async function presenceOf(page: Page, names: string): Promise<void> {
    await page.locator("#members", { hasText: new RegExp(`^${names}$`) }).waitFor();
  }

  it("shows messages in every window, with whose they are, and typing to listeners only", async () => {
    const anna = await openChat("Anna");
    const ben = await openChat("Ben");
    await anna.getByRole("button", { name: "send" }).click();
    await ben.getByText("from Anna").waitFor();
    await ben.getByRole("button", { name: "send" }).click();
    await anna.getByText("from Ben").waitFor();
    await anna.getByRole("button", { name: "type" }).click();
    await ben.locator("#typing", { hasText: "Anna" }).waitFor();
    assert.deepEqual(await messagesOf(ben), ["from Anna", "from Ben"]);
    assert.equal(await anna.locator("[data-self=true]").textContent(), "from Anna");
    assert.deepEqual((await countsOf(anna)).heard, ["from Anna", "from Ben"]);
    await presenceOf(anna, "Anna, Ben");
    await presenceOf(ben, "Anna, Ben");
  });

  it("keeps all messages of a burst, in order, in few renders", async () => {
    const page = await openChat("Anna");
    const before = (await countsOf(page)).renders;
    const texts = Array.from({ length: 300 }, (_, index) => `number ${index}`);
    await Promise.all(texts.map(say));
    await page.getByText("number 299").waitFor();
    assert.deepEqual(await messagesOf(page), texts);
    const { heard, renders } = await countsOf(page);
    assert.deepEqual(heard, texts);
    assert.ok(renders - before < 100, `${renders - before} renders for 300 messages`);
  });

  it("begins with the history, each message once, and pages back from there", async () => {
    const writer = await openChat("Anna");
    for (let count = 1; count <= 12; count++) {
      await writer.getByRole("button", { name: "send" }).click();
      await waitUntil(async () => (await messagesOf(writer)).length === count);
    }
    const reader = await openChat("Ben");
    await waitUntil(async () => (await messagesOf(reader)).length === 5);
    await say("live");
    await reader.getByText("live").waitFor();
    await reader.getByRole("button", { name: "older" }).click();
    await waitUntil(async () => (await messagesOf(reader)).length === 11);
    await reader.getByRole("button", { name: "older" }).click();
    await waitUntil(async () => (await messagesOf(reader)).length === 13);
    const all = [...Array.from({ length: 12 }, () => "from Anna"), "live"];
    assert.deepEqual(await messagesOf(reader), all);
  });

  it("keeps its place when a component is mounted anew: nobody sees a leave or a join", async () => {
    const anna = await openChat("Anna");
    await presenceOf(anna, "Anna");
    const seen = watchPresence();
    await waitUntil(() => seen.length === 1);
    await say("before");
    await anna.getByText("before").waitFor();
    for (let count = 0; count < 5; count++) {
      await anna.getByRole("button", { name: "remount" }).click();
      await say(`during ${count}`);
    }
    await anna.getByText("during 4").waitFor();
    const during = Array.from({ length: 5 }, (_, index) => `during ${index}`);
    assert.deepEqual(await messagesOf(anna), ["before", ...during]);
    await anna.getByRole("button", { name: "toggle" }).click();
    await waitUntil(() => seen.length === 2);
    assert.deepEqual(seen, ["presence:join Anna", "presence:leave Anna"]);
  });

  it("hears what it missed once it is back, each message once", async () => {
    const anna = await openChat("Anna");
    await say("before");
    await anna.getByText("before").waitFor();
    await anna.context().setOffline(true);
    await cutHubConnections();
    await anna.locator("#status", { hasText: "reconnecting" }).waitFor();
    await anna.locator("#topic-status", { hasText: "reconnecting" }).waitFor();
    await say("missed");
    await anna.context().setOffline(false);
    await anna.getByText("missed").waitFor();
    await anna.locator("#topic-status", { hasText: "subscribed" }).waitFor();
    await say("after");
    await anna.getByText("after").waitFor();
    assert.deepEqual(await messagesOf(anna), ["before", "missed", "after"]);
    assert.equal(await anna.locator("#gap").count(), 0);
  });

  it("shows a refused publication as an error, until one goes well", async () => {
    const anna = await openChat("Anna");
    await anna.getByRole("button", { name: "shout" }).click();
    await anna.getByRole("alert").getByText("not-allowed").waitFor();
    await anna.getByRole("button", { name: "send" }).click();
    await anna.getByText("from Anna").waitFor();
    await anna.getByRole("alert").waitFor({ state: "detached" });
    assert.equal((await countsOf(anna)).rejections, 0);
  });

  for (const [topic, code] of [
    ["nobody/knows", "not-allowed"],
    ["no name at all", "topic-invalid"],
  ] as const) {
    it(`shows ${code} where the topic is "${topic}"`, async () => {
      const address = `${server.httpUrl}/chat?topic=${encodeURIComponent(topic)}`;
      const page = await browser().openPage(address);
      await page.getByRole("alert").getByText(code).waitFor();
      await page.locator("#topic-status", { hasText: "closed" }).waitFor();
      assert.equal((await countsOf(page)).rejections, 0);
    });
  }
});
