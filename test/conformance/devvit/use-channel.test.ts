import assert from "node:assert/strict";
import { join } from "node:path";
import { realtime } from "../../../server/devvit/index.ts";
import { devvitBlocks } from "../../../server/policies/devvit-policies.ts";
import type { RoomTable } from "../../../server/matchmaking/room-table.ts";
import { useBrowser } from "../../support/browser.ts";
import { usePagePrograms } from "../../support/page-programs.ts";
import { startTestServer, type TestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { PostPage, useCuts } from "./post-page.ts";

/** What `programs/channel-page.tsx` sends. */
const hi = (session: string): object => ({ payload: { text: "hi" }, session });

describe("Devvit Blocks' useChannel", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({
    post: join(import.meta.dirname, "programs/channel-page.tsx"),
    twice: join(import.meta.dirname, "programs/one-name-twice.tsx"),
  });
  /** What clients asked for on the test's server. */
  let asked: string[] = [];

  function start(): Promise<TestServer<RoomTable>> {
    asked = [];
    const authorize = ({ action, channel }: { action: string; channel: string }): true => {
      asked.push(`${action} ${channel}`);
      return true;
    };
    const channels = [devvitBlocks({ authorize })];
    return startTestServer({ rooms: {}, channels, http: pages.http });
  }

  async function open(server: TestServer<RoomTable>, query: string): Promise<PostPage> {
    // A page that outlives its server by a moment may ask for it.
    const expectedErrors = [/ERR_CONNECTION_REFUSED/];
    const url = `${server.httpUrl}/post?${query}`;
    return new PostPage(await browser().openPage(url, { expectedErrors }));
  }

  it("B2 returns subscribe, unsubscribe, send and status", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=button");
    await post.waitForStatus("Disconnected");
    await post.click("subscribe");
    await post.waitForStatus("Connected");
    await post.click("send");
    assert.deepEqual(await post.lines(3), ["subscribed", "me said hi in render 0", "sent"]);
    await post.click("unsubscribe");
    await post.waitForStatus("Disconnected");
  });

  it("B2 calls the callbacks of the latest render", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    await post.renderAgain();
    await post.renderAgain();
    await post.click("send");
    assert.deepEqual(await post.lines(3), ["subscribed", "me said hi in render 2", "sent"]);
  });

  it("B2 goes on with another channel when its name changes", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    await post.click("other channel");
    await post.lines(2);
    await realtime.send("events", hi("server") as never);
    await realtime.send("others", hi("server") as never);
    assert.deepEqual(await post.lines(3), [
      "subscribed",
      "subscribed",
      "somebody else said hi in render 0",
    ]);
    assert.deepEqual(asked, ["subscribe events", "subscribe others"]);
  });

  it("B4 is one channel where one component asks for it twice, with callbacks for each", async () => {
    await using server = await start();
    const page = await browser().openPage(`${server.httpUrl}/twice`);
    await page.getByText("first is there").waitFor();
    await page.getByText("second is there").waitFor();
    await realtime.send("events", "a");
    await page.getByText("second heard: a", { exact: true }).waitFor();
    await page.getByRole("button", { name: "leave with the second" }).click();
    await page.getByText("second is gone").waitFor();
    await realtime.send("events", "b");
    await page.getByText("first heard: a b", { exact: true }).waitFor();
    await page.getByText("second heard: a", { exact: true }).waitFor();
    assert.deepEqual(asked, ["subscribe events"]);
  });

  it("B5 is one channel for all posts, and for all that ask for it by name", async () => {
    await using server = await start();
    const [one, other] = [
      await open(server, "post=t3_1&subscribe=render"),
      await open(server, "post=t3_2&subscribe=render"),
    ];
    for (const post of [one, other]) await post.waitForStatus("Connected");
    await one.click("send");
    assert.equal((await other.lines(2))[1], "somebody else said hi in render 0");
  });

  it("B6 gives onMessage what send was given, and nothing around it", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    await post.click("send");
    assert.equal((await post.lines(2))[1], "me said hi in render 0");
    const [message] = server.kit.received.on("events");
    assert.ok(message !== undefined);
    assert.deepEqual(message.data, hi((message.data as { session: string }).session));
  });

  it("B12 lets a client know its own messages by their session", async () => {
    await using server = await start();
    const [one, other] = [
      await open(server, "subscribe=render"),
      await open(server, "subscribe=render"),
    ];
    for (const post of [one, other]) await post.waitForStatus("Connected");
    await one.click("send");
    assert.deepEqual((await one.lines(3)).slice(1), ["me said hi in render 0", "sent"]);
    assert.equal((await other.lines(2))[1], "somebody else said hi in render 0");
  });

  it("B7 tells of the connection: onSubscribed, onUnsubscribed and onSubscribed again", async () => {
    await using server = await start();
    const cut = useCuts(server.server);
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    cut();
    assert.deepEqual(await post.lines(3), ["subscribed", "unsubscribed by network", "subscribed"]);
    await post.click("unsubscribe");
    assert.equal((await post.lines(4))[3], "unsubscribed by client");
  });

  for (const where of ["render", "effect", "button"]) {
    it(`B8 subscribes once, however often it is called, with the ${where}`, async () => {
      await using server = await start();
      const post = await open(server, `subscribe=${where}`);
      if (where === "button") for (let n = 0; n < 3; n += 1) await post.click("subscribe");
      await post.waitForStatus("Connected");
      for (let n = 0; n < 3; n += 1) await post.renderAgain();
      await post.click("send");
      await post.lines(3);
      assert.deepEqual(
        asked.filter((each) => each.startsWith("subscribe")),
        ["subscribe events"],
      );
      assert.deepEqual(await post.lines(3), ["subscribed", "me said hi in render 3", "sent"]);
    });

    it(`B9 stays unsubscribed where the ${where} subscribed, and can subscribe again`, async () => {
      await using server = await start();
      const post = await open(server, `subscribe=${where}`);
      if (where === "button") await post.click("subscribe");
      await post.waitForStatus("Connected");
      for (let n = 0; n < 2; n += 1) await post.click("unsubscribe");
      await post.waitForStatus("Disconnected");
      await realtime.send("events", hi("server") as never);
      for (let n = 0; n < 2; n += 1) await post.renderAgain();
      await post.waitForStatus("Disconnected");
      await post.click("subscribe");
      await post.waitForStatus("Connected");
      await realtime.send("events", hi("server") as never);
      assert.deepEqual(await post.lines(4), [
        "subscribed",
        "unsubscribed by client",
        "subscribed",
        "somebody else said hi in render 2",
      ]);
    });
  }

  it("B9 follows a render that changes its mind", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    await post.click("close");
    await post.click("unsubscribe");
    await post.waitForStatus("Disconnected");
    await post.click("open");
    await post.waitForStatus("Connected");
  });

  it("B9 hears nothing of a channel once the component is gone", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    await post.click("leave");
    await realtime.send("events", hi("server") as never);
    await post.click("return");
    await post.waitForStatus("Connected");
    await realtime.send("events", hi("server") as never);
    assert.deepEqual(await post.lines(2), ["subscribed", "somebody else said hi in render 0"]);
  });

  it("B10 reaches everybody on the channel, the sender included", async () => {
    await using server = await start();
    const posts = [
      await open(server, "subscribe=render"),
      await open(server, "subscribe=render"),
      await open(server, "subscribe=render&name=others"),
    ];
    for (const post of posts) await post.waitForStatus("Connected");
    const [one, other, elsewhere] = posts;
    await one!.click("send");
    await one!.lines(3);
    await other!.lines(2);
    assert.deepEqual(await elsewhere!.lines(1), ["subscribed"]);
  });

  it("B10 refuses to send unless subscribed and connected, and sends nothing later", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=button");
    const refused = 'refused: cannot send on "events": it is not subscribed and connected';
    await post.click("send");
    assert.deepEqual(await post.lines(1), [refused]);
    await post.click("subscribe");
    await post.waitForStatus("Connected");
    await post.click("unsubscribe");
    await post.waitForStatus("Disconnected");
    await post.click("send");
    assert.deepEqual((await post.lines(4))[3], refused);
    assert.deepEqual(server.kit.received.all(), []);
  });

  it("B11 goes from Disconnected over Connecting to Connected, and back", async () => {
    await using server = await start();
    const cut = useCuts(server.server);
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    cut();
    await post.lines(3);
    await post.click("unsubscribe");
    await post.waitForStatus("Disconnected");
    const statuses = await post.statuses();
    const path = "Connecting Connected Connecting Connected Disconnecting Disconnected";
    // StrictMode tells the first status twice.
    assert.equal(statuses, `Disconnected Disconnected ${path}`);
  });

  it("has not the bug that an unsubscribe() had no effect where a render subscribed", async () => {
    await using server = await start();
    const post = await open(server, "subscribe=render");
    await post.waitForStatus("Connected");
    await post.click("unsubscribe");
    await post.waitForStatus("Disconnected");
    // Every one of these renders calls subscribe() again.
    for (let n = 0; n < 5; n += 1) await post.renderAgain();
    await post.click("send");
    const lines = await post.lines(3);
    assert.match(lines[2]!, /^refused/);
    assert.deepEqual(asked, ["subscribe events"]);
  });

  it("tells the page's console when no policy lets it in", async () => {
    await using server = await startTestServer({ rooms: {}, http: pages.http });
    const errors: Error[] = [];
    const page = await browser().openPage(`${server.httpUrl}/post?subscribe=button`, {
      expectedErrors: [/not-allowed|is not allowed/],
    });
    page.on("pageerror", (error) => errors.push(error));
    const post = new PostPage(page);
    await post.click("subscribe");
    await waitUntil(() => errors.length === 1);
    assert.match(String(errors[0]), /subscribe on "events" is not allowed/);
    await post.waitForStatus("Disconnected");
  });
});
