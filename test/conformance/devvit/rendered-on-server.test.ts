import assert from "node:assert/strict";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { ChannelStatus } from "../../../client/devvit/channel-status.ts";
import { createDevvit, type DevvitClientOptions } from "../../../client/devvit/create-devvit.ts";
import { useChannel } from "../../../client/devvit/index.ts";
import type { UseChannel } from "../../../client/devvit/use-channel.ts";
import { SyncError } from "../../../shared/errors.ts";
import { FakeChannelClient } from "../../support/fake-channel-client.ts";

/** What a component's first render makes of a channel's name. */
function render(hook: UseChannel, name: string): string {
  function Post(): string {
    const channel = hook({ name, onMessage: () => undefined });
    channel.subscribe();
    return `status ${channel.status}`;
  }
  return renderToString(createElement(Post));
}

function bind(options?: DevvitClientOptions): UseChannel {
  return createDevvit(new FakeChannelClient().realtime, options).useChannel;
}

describe("Devvit Blocks' useChannel, rendered outside of a page", () => {
  it("B3 takes a name of letters, numbers and underscores, and Devvit's documentation's", () => {
    for (const name of ["events", "progress_state", "my-channel", "A1"]) {
      assert.equal(render(bind(), name), `status ${ChannelStatus.Disconnected}`);
    }
  });

  it("B3 throws for what is no name, while it renders", () => {
    for (const name of ["", "two words", "a//b"]) {
      assert.throws(() => render(bind(), name), { code: "topic-invalid" });
    }
  });

  it("B3 is as strict as Devvit where that is wanted", () => {
    assert.throws(
      () => render(bind({ strict: true }), "my-channel"),
      new SyncError(
        "topic-invalid",
        'invalid channel name "my-channel"; channels may only contain letters, numbers, and underscores',
      ),
    );
  });

  it("B11 has the five values of ChannelStatus by number and by name", () => {
    assert.deepEqual(ChannelStatus, {
      Unknown: 0,
      Connecting: 1,
      Connected: 2,
      Disconnecting: 3,
      Disconnected: 4,
    });
  });

  it("B1 renders no channel once realtime is switched off", () => {
    const { Devvit, useChannel: hook } = createDevvit(new FakeChannelClient().realtime);
    Devvit.configure({ realtime: false });
    assert.throws(() => render(hook, "events"), { code: "not-allowed" });
    Devvit.configure({ realtime: true });
    render(hook, "events");
  });

  it("needs no page and no network until it is on a page", () => {
    assert.equal(render(useChannel, "events"), `status ${ChannelStatus.Disconnected}`);
  });
});
