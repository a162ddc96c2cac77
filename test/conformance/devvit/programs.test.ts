import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { realtime } from "../../../server/devvit/index.ts";
import type { RoomTable } from "../../../server/matchmaking/room-table.ts";
import { devvit, devvitBlocks } from "../../../server/policies/devvit-policies.ts";
import type { ServerOptions } from "../../../server/server-options.ts";
import { useBrowser } from "../../support/browser.ts";
import { usePagePrograms } from "../../support/page-programs.ts";
import { startTestServer, type TestServer } from "../../support/start-test-server.ts";
import { useCuts } from "./post-page.ts";
import { announceUser, tellScore } from "./programs/send-news.ts";

const program = (file: string): string => join(import.meta.dirname, "programs", file);

describe("a program written for Devvit", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({
    first: program("first-connection.ts"),
    updates: program("user-updates.ts"),
    chat: program("live-chat.ts"),
    scores: program("score-board.ts"),
    blocks: program("blocks-post.tsx"),
    progress: program("progress-button.tsx"),
    hooks: program("post-with-hooks.tsx"),
  });

  type Http = NonNullable<ServerOptions<RoomTable>["http"]>;

  function start(policy = devvit(), http: Http = pages.http): Promise<TestServer<RoomTable>> {
    return startTestServer({ rooms: {}, channels: [policy], http });
  }

  async function open(server: TestServer<RoomTable>, name: string): Promise<Page> {
    // A page that outlives its server by a moment may ask for it.
    const expectedErrors = [/ERR_CONNECTION_REFUSED/];
    const page = await browser().openPage(`${server.httpUrl}/${name}`, { expectedErrors });
    page.setDefaultTimeout(10_000);
    return page;
  }

  const lines = (page: Page): Promise<string[]> => page.locator("p").allTextContents();

  it("connects with all callbacks, hears a message of the server, and disconnects", async () => {
    await using server = await start();
    const page = await open(server, "first");
    await page.getByText("here on my-channel").waitFor();
    await announceUser("7");
    await page.getByText("heard").waitFor();
    await page.getByRole("button", { name: "leave" }).click();
    await page.getByText("left").waitFor();
    assert.deepEqual(await lines(page), [
      "here on my-channel",
      'heard {"type":"user-joined","userId":"7"}',
      "gone from my-channel",
      "left",
    ]);
  });

  it("listens with nothing but onMessage, and is done later", async () => {
    await using server = await start();
    const page = await open(server, "updates");
    const done = page.getByRole("button", { name: "done" });
    await done.waitFor();
    await realtime.send("user-updates", { name: "Ada" });
    await page.getByText("update").waitFor();
    await done.click();
    // Its button says so before.
    await page.locator("p", { hasText: "done" }).waitFor();
    await realtime.send("user-updates", { name: "Bob" });
    assert.deepEqual(await lines(page), ['update {"name":"Ada"}', "done"]);
  });

  it("follows its connection through a loss, and misses nothing", async () => {
    await using server = await start();
    const cut = useCuts(server.server);
    const page = await open(server, "chat");
    await page.getByText("welcome to live-chat").waitFor();
    assert.equal(await page.title(), "connected");
    cut();
    await page.getByText("live-chat is away").waitFor();
    await realtime.send("live-chat", { user: "Ada", text: "anybody?" });
    await page.getByText("Ada: anybody?").waitFor();
    assert.equal(await page.title(), "connected");
    assert.deepEqual(await lines(page), [
      "welcome to live-chat",
      "live-chat is away",
      "welcome to live-chat",
      "Ada: anybody?",
    ]);
  });

  it("sends text and structures from the server", async () => {
    await using server = await start();
    await tellScore(1500);
    const sent = server.kit.sent.all().map(({ channel, data }) => [channel, data] as const);
    const { timestamp } = sent[1]![1] as { timestamp: number };
    assert.equal(typeof timestamp, "number");
    assert.deepEqual(sent, [
      ["notifications", "Somebody scored!"],
      ["game-updates", { type: "score-update", playerId: "user7", score: 1500, timestamp }],
    ]);
  });

  it("B1 configures realtime and hears a channel that it subscribes to while it renders", async () => {
    await using server = await start(devvitBlocks());
    const cut = useCuts(server.server);
    const page = await open(server, "blocks");
    await page.getByText("live: nothing yet").waitFor();
    await realtime.send("events", { message: "hello" });
    await page.getByText('live: {"message":"hello"}').waitFor();
    cut();
    await page.getByText('fallback: {"message":"hello"}').waitFor();
    await page.getByText('live: {"message":"hello"}').waitFor();
  });

  it("fills a bar in one window and sees it in the other", async () => {
    await using server = await start(devvitBlocks());
    const windows = [await open(server, "progress"), await open(server, "progress")];
    for (const page of windows) await page.getByText("2", { exact: true }).waitFor();
    for (const page of [windows[0]!, windows[1]!, windows[0]!]) {
      const value = Number(await page.getByRole("progressbar").getAttribute("value"));
      await page.getByRole("button", { name: "add" }).click();
      for (const each of windows) await each.locator(`progress[value="${value + 10}"]`).waitFor();
    }
    await windows[1]!.locator('progress[value="30"]').waitFor();
  });

  it("D15 is live, driven by events and in step with what is stored", async () => {
    const stored: Record<string, number> = { ada: 1 };
    await using server = await start(devvit(), (request, response) => {
      if (request.url === "/api/scores") response.end(JSON.stringify(stored));
      else pages.http(request, response);
    });
    const score = async (player: string, points: number): Promise<void> => {
      stored[player] = points;
      await realtime.send("scores", { player, score: points });
    };
    const [one, other] = [await open(server, "scores"), await open(server, "scores")];
    for (const page of [one, other]) await page.getByText("ada 1", { exact: true }).waitFor();
    await score("ada", 2);
    await score("bob", 5);
    for (const page of [one, other]) await page.getByText("ada 2, bob 5").waitFor();
    const late = await open(server, "scores");
    await late.getByText("ada 2, bob 5").waitFor();
  });

  it("B19 finds the other hooks of the demos in React: state, loading, interval, toast", async () => {
    await using server = await start(devvitBlocks(), (request, response) => {
      if (request.url === "/api/title") response.end("Server Push");
      else pages.http(request, response);
    });
    const page = await open(server, "hooks");
    await page.clock.install();
    await page.getByRole("button", { name: "create post" }).click();
    await page.getByText("post created").waitFor();
    await page.getByRole("heading", { name: "Server Push" }).waitFor();
    await page.getByText("connected", { exact: true }).waitFor();
    await page.getByRole("button", { name: "start" }).click();
    await page.clock.runFor(3_000);
    await page.getByText("3 seconds").waitFor();
    await page.getByRole("button", { name: "stop" }).click();
    await page.clock.runFor(3_000);
    await realtime.send("events", "a toast for everybody");
    await page.getByText("a toast for everybody").waitFor();
    await page.getByText("3 seconds").waitFor();
  });
});
