import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { useBrowser } from "../support/browser.ts";
import { useGallery } from "../support/gallery.ts";

describe("Synced Progress Bar", () => {
  const browser = useBrowser();
  const gallery = useGallery();

  async function openPost(post: string, options = {}): Promise<Page> {
    const url = gallery().url(`/synced-progress-bar/?post=${post}`);
    const page = await browser().openPage(url, options);
    await page.locator("#add:enabled").waitFor();
    return page;
  }

  async function waitForPercent(page: Page, percent: number): Promise<void> {
    await page.locator("#percent", { hasText: new RegExp(`^${percent}$`) }).waitFor();
    const track = page.locator(`#track[aria-valuenow="${percent}"]`);
    await track.waitFor();
  }

  it("adds up what two people push at the same time", async () => {
    const ada = await openPost("sum");
    const bob = await openPost("sum");
    const click = async (page: Page, id: string, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await page.click(id);
    };
    await Promise.all([click(ada, "#add", 5), click(bob, "#add", 4)]);
    await Promise.all([waitForPercent(ada, 90), waitForPercent(bob, 90)]);
    await Promise.all([click(ada, "#subtract", 2), click(bob, "#subtract", 3)]);
    await Promise.all([waitForPercent(ada, 40), waitForPercent(bob, 40)]);
    await ada.reload();
    await waitForPercent(ada, 40);
  });

  it("tells who pushed, and ranks everybody by what they moved", async () => {
    const ada = await openPost("ranks");
    const bob = await openPost("ranks");
    await ada.click("#add");
    await waitForPercent(bob, 10);
    await bob.click("#add");
    await bob.click("#add");
    await waitForPercent(ada, 30);
    await ada
      .locator("#ticker li", { hasText: /^Guest \w{4} \+10$/ })
      .last()
      .waitFor();
    const rows = ada.locator("#ranking li");
    assert.equal(await rows.count(), 2);
    assert.match((await rows.nth(0).textContent()) ?? "", /^1Guest \w{4}\+20$/);
    assert.match((await rows.nth(1).textContent()) ?? "", /^2Guest \w{4}\+10$/);
    assert.equal(await rows.nth(1).getAttribute("class"), "you");
  });

  it("celebrates a full bar for everybody who is there, and starts over", async () => {
    const ada = await openPost("goal");
    const bob = await openPost("goal");
    for (let step = 0; step < 10; step++) await ada.click("#add");
    await bob.locator("#goal-text", { hasText: "The bar is full for the first time." }).waitFor();
    await bob.locator("#confetti i").first().waitFor();
    const late = await openPost("goal");
    await waitForPercent(late, 100);
    assert.equal(await late.locator("#confetti i").count(), 0);
    await bob.click("#reset");
    await Promise.all([waitForPercent(ada, 0), waitForPercent(bob, 0), waitForPercent(late, 0)]);
    await ada.locator("#goal").waitFor({ state: "hidden" });
    assert.equal(await ada.locator("#ranking li").count(), 0);
  });

  it("lets no confetti fall for those who asked for less motion", async () => {
    const page = await openPost("still", { reducedMotion: "reduce" });
    for (let step = 0; step < 10; step++) await page.click("#add");
    await page.locator("#goal-text", { hasText: "full" }).waitFor();
    assert.equal(await page.locator("#confetti i").count(), 0);
    const { transitionDuration } = await page
      .locator("#fill")
      .evaluate((fill) => ({ transitionDuration: getComputedStyle(fill).transitionDuration }));
    assert.equal(transitionDuration, "0s");
  });

  it("has a bar of its own for each post", async () => {
    const one = await openPost("one");
    const other = await openPost("other");
    await one.click("#add");
    await waitForPercent(one, 10);
    await other.click("#subtract");
    await other.click("#add");
    await waitForPercent(other, 10);
    assert.equal(
      gallery().room("synced-progress-bar", "synced-progress-bar-one").state.progress,
      10,
    );
  });

  it("cannot be pushed while the connection is lost, and says so", async () => {
    const page = await openPost("cut", { expectedErrors: [/net::ERR_FAILED/] });
    await page.route("**/matchmake/**", (route) => route.abort());
    const room = gallery().room("synced-progress-bar", "synced-progress-bar-cut");
    for (const client of room.clients) client.ref.terminate();
    await page.locator("#status", { hasText: "Reconnecting" }).waitFor();
    await page.locator("#sentence", { hasText: "Connection lost. Reconnecting …" }).waitFor();
    assert.ok(await page.locator("#add").isDisabled());
    room.state.progress = 70;
    await page.unroute("**/matchmake/**");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.locator("#status", { hasText: "Connected" }).waitFor();
    await waitForPercent(page, 70);
  });

  it("can be pushed with the keyboard alone", async () => {
    const page = await openPost("keys");
    for (let presses = 0; presses < 10; presses++) {
      if ((await page.evaluate(() => document.activeElement?.id)) === "add") break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    await waitForPercent(page, 20);
  });

  it("says in a sentence what is wrong with an address, and asks the server nothing", async () => {
    const url = gallery().url("/synced-progress-bar/?post=<b>Not%20A%20Name</b>");
    const page = await browser().openPage(url);
    const sentence =
      'Post name "<b>Not A Name</b>" is not made of 1 to 32 small letters, digits and dashes.';
    await page.locator("#sentence", { hasText: sentence }).waitFor();
    await page.locator("#traffic").waitFor({ state: "hidden" });
    assert.ok(await page.locator("#add").isDisabled());
  });
});
