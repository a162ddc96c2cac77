import assert from "node:assert/strict";
import { BrowserWakeSignals } from "../../../../client/connection/wake-signals.ts";

/** The parts of a browser's window that tell. */
class FakeWindow extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });
}

describe("BrowserWakeSignals", () => {
  it("wakes when the network is back and when the page becomes visible", () => {
    const window = new FakeWindow();
    let wakes = 0;
    new BrowserWakeSignals(window).onWake(() => (wakes += 1));
    window.dispatchEvent(new Event("online"));
    assert.equal(wakes, 1);
    window.document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(wakes, 2);
  });

  it("sleeps on when the page is hidden", () => {
    const window = new FakeWindow();
    let wakes = 0;
    new BrowserWakeSignals(window).onWake(() => (wakes += 1));
    window.document.visibilityState = "hidden";
    window.document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(wakes, 0);
  });

  it("hears nothing after the unsubscribe", () => {
    const window = new FakeWindow();
    let wakes = 0;
    new BrowserWakeSignals(window).onWake(() => (wakes += 1))();
    window.dispatchEvent(new Event("online"));
    window.document.dispatchEvent(new Event("visibilitychange"));
    assert.equal(wakes, 0);
  });

  it("does nothing where there is no window", () => {
    new BrowserWakeSignals({}).onWake(() => assert.fail("nobody can wake it"))();
    new BrowserWakeSignals().onWake(() => assert.fail("nobody can wake it"))();
  });
});
