import assert from "node:assert/strict";
import { ChannelHook } from "../../../../client/devvit/channel-hook.ts";
import { ChannelStatus } from "../../../../client/devvit/channel-status.ts";
import { openChannel } from "../../../../client/devvit/open-channel.ts";
import { DevvitSwitch } from "../../../../shared/devvit-switch.ts";
import type { SyncError } from "../../../../shared/errors.ts";
import { LEAVE_TIMEOUT_MS, MAX_REQUESTS_PER_SECOND } from "../../../../shared/limits.ts";
import { parseTopic } from "../../../../shared/topics.ts";
import { takeUncaught } from "../../../support/take-uncaught.ts";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";

/** A component with the hook, rendered by the test in place of React. */
class FakeComponent {
  readonly client = new FakeChannelClient();
  readonly calls: string[] = [];
  /** Every status that a listener of changes saw, each once in a row. */
  readonly statuses: ChannelStatus[] = [];
  readonly hook = new ChannelHook((...given) =>
    openChannel(
      {
        realtime: () => this.client.realtime,
        capabilities: new DevvitSwitch(),
        parseName: parseTopic,
      },
      ...given,
    ),
  );
  #unmount: (() => void) | undefined;

  constructor() {
    this.hook.onChange(() => {
      const status = this.hook.status();
      if (status !== this.statuses.at(-1)) this.statuses.push(status);
    });
  }

  /** `body` runs as part of the render. */
  render(body: () => void = () => undefined): void {
    this.#begin(body);
    this.hook.commit({
      name: "events",
      onMessage: (message) => void this.calls.push(`message ${JSON.stringify(message)}`),
      onSubscribed: () => void this.calls.push("subscribed"),
      onUnsubscribed: (reason) => void this.calls.push(`unsubscribed by ${reason}`),
      onResync: () => void this.calls.push("resync"),
    });
    this.#unmount ??= this.hook.mount("events");
    this.hook.flush();
  }

  /** One that React throws away. */
  renderInVain(body: () => void): void {
    this.#begin(body);
  }

  unmount(): void {
    this.#unmount?.();
    this.#unmount = undefined;
  }

  /** As StrictMode does. */
  remount(): void {
    this.unmount();
    this.#unmount = this.hook.mount("events");
  }

  #begin(body: () => void): void {
    this.hook.render();
    body();
  }
}

async function connected(): Promise<FakeComponent> {
  const component = new FakeComponent();
  component.render(component.hook.subscribe);
  await component.client.settle();
  return component;
}

const { Connecting, Connected, Disconnecting, Disconnected } = ChannelStatus;

describe("ChannelHook", () => {
  it("asks the server once, whatever StrictMode and renders do", async () => {
    const component = new FakeComponent();
    component.renderInVain(component.hook.subscribe);
    component.render(component.hook.subscribe);
    component.remount();
    for (let n = 0; n < 3; n += 1) component.render(component.hook.subscribe);
    await component.client.settle();
    assert.deepEqual(component.client.channels.names, ["subscribe"]);
    assert.deepEqual(component.calls, ["subscribed"]);
  });

  it("asks for nothing on account of a render that is thrown away", async () => {
    const component = new FakeComponent();
    component.renderInVain(component.hook.subscribe);
    component.render();
    await component.client.settle();
    assert.deepEqual(component.client.channels.names, []);
  });

  it("takes an event handler for one, also behind a render that is thrown away", async () => {
    const component = await connected();
    component.renderInVain(component.hook.subscribe);
    await component.client.settle();
    component.hook.unsubscribe();
    await component.client.settle();
    assert.equal(component.hook.status(), Disconnected);
  });

  it("takes the last word of a render", async () => {
    const component = new FakeComponent();
    component.render(() => {
      component.hook.subscribe();
      component.hook.unsubscribe();
    });
    await component.client.settle();
    assert.deepEqual(component.client.channels.names, []);
  });

  it("goes through every status but Unknown", async () => {
    const component = await connected();
    component.client.server.drop();
    await component.client.clock.advance(2_000);
    component.hook.unsubscribe();
    await component.client.settle();
    assert.deepEqual(component.statuses, [
      Connecting,
      Connected,
      Connecting,
      Connected,
      Disconnecting,
      Disconnected,
    ]);
  });

  it("is Disconnecting for 2 s at most, where the server says nothing", async () => {
    const component = await connected();
    component.client.channels.hold = ({ name }) => name === "unsubscribe";
    component.hook.unsubscribe();
    await component.client.clock.advance(LEAVE_TIMEOUT_MS - 1);
    assert.equal(component.hook.status(), Disconnecting);
    await component.client.clock.advance(1);
    assert.equal(component.hook.status(), Disconnected);
  });

  it("is Disconnected at once where it was not connected yet", async () => {
    const component = new FakeComponent();
    component.render(component.hook.subscribe);
    assert.equal(component.hook.status(), Connecting);
    component.hook.unsubscribe();
    assert.equal(component.hook.status(), Disconnected);
    await component.client.settle();
    assert.deepEqual(component.calls, []);
  });

  it("can subscribe again while it is still Disconnecting", async () => {
    const component = await connected();
    component.hook.unsubscribe();
    component.hook.subscribe();
    assert.equal(component.hook.status(), Connecting);
    await component.client.settle();
    component.client.publish("hi", "events");
    await component.client.settle();
    assert.equal(component.hook.status(), Connected);
    const calls = ["subscribed", "unsubscribed by client", "subscribed", 'message "hi"'];
    assert.deepEqual(component.calls, calls);
  });

  it("sends while connected, and refuses at once while the connection is lost", async () => {
    const component = await connected();
    await component.hook.send("one");
    component.client.server.drop();
    await component.client.settle();
    await assert.rejects(component.hook.send("two"), { code: "disconnected" });
    await component.client.clock.advance(2_000);
    await component.hook.send("three");
    await component.client.settle();
    assert.deepEqual(component.calls, [
      "subscribed",
      'message "one"',
      "unsubscribed by network",
      "subscribed",
      'message "three"',
    ]);
  });

  it("keeps nothing for later that had to wait for its turn when the connection was lost", async () => {
    const component = await connected();
    const sends = Array.from({ length: MAX_REQUESTS_PER_SECOND + 5 }, (_each, n) =>
      component.hook.send(n).then(
        () => "sent",
        ({ code }: SyncError) => code,
      ),
    );
    await component.client.settle();
    component.client.server.drop();
    await component.client.settle();
    const waited = await Promise.all(sends.slice(-5));
    assert.deepEqual(new Set(waited), new Set(["disconnected"]));
  });

  it("says when messages are missing for good", async () => {
    const component = await connected();
    component.client.publish("one", "events");
    await component.client.settle();
    await component.client.dropAndReturn(() => component.client.channels.forget("events"));
    assert.equal(component.calls.at(-1), "resync");
  });

  it("calls nothing any more once the component is gone", async () => {
    const component = await connected();
    component.unmount();
    component.client.publish("late", "events");
    await component.client.settle();
    assert.deepEqual(component.calls, ["subscribed"]);
    assert.deepEqual(component.client.channels.names, ["subscribe", "unsubscribe"]);
  });

  it("subscribes again when the component comes back, because it was not asked to stop", async () => {
    const component = await connected();
    component.unmount();
    await component.client.settle();
    component.render(component.hook.subscribe);
    await component.client.settle();
    assert.equal(component.hook.status(), Connected);
  });

  it("is Disconnected and at rest after the client disconnects for good", async () => {
    const component = await connected();
    component.client.realtime.disconnect();
    const before = component.statuses.length;
    for (let n = 0; n < 3; n += 1) component.render(component.hook.subscribe);
    await component.client.settle();
    // A change would be a render more, and that one a change.
    assert.equal(component.statuses.length, before);
    assert.equal(component.hook.status(), Disconnected);
    assert.deepEqual(component.calls, ["subscribed", "unsubscribed by client"]);
    assert.equal(component.client.clock.pendingTimers, 0);
  });

  it("tells the page's console that it is refused, and tries again when asked to", async () => {
    const component = await connected();
    component.client.channels.refuse = ({ name }) =>
      name === "subscribe" ? { code: "not-allowed", message: "no longer" } : undefined;
    const uncaught = await takeUncaught(() => component.client.dropAndReturn());
    assert.deepEqual(uncaught.map(String), ["SyncError: no longer"]);
    assert.equal(component.hook.status(), Disconnected);
    component.client.channels.refuse = undefined;
    component.hook.subscribe();
    await component.client.settle();
    assert.equal(component.hook.status(), Connected);
  });

  it("tells a kick with onUnsubscribed, and the console nothing", async () => {
    const component = await connected();
    const { room } = component.client.server;
    const uncaught = await takeUncaught(async () => {
      const error = { code: "not-allowed", message: "no longer" } as const;
      component.client.channels.tell(room, { kind: "ended", topic: "events", error });
      await component.client.settle();
    });
    assert.deepEqual(uncaught, []);
    assert.deepEqual(component.calls, ["subscribed", "unsubscribed by kicked"]);
    assert.equal(component.hook.status(), Disconnected);
  });
});
