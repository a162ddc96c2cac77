import assert from "node:assert/strict";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { connect } from "../../../../client/connect.ts";
import {
  RealtimeProvider,
  useConnectionStatus,
  usePresence,
  useRealtime,
  useRoom,
  useRoomState,
  useTopic,
} from "../../../../client/react/index.ts";

function Everything(): ReactNode {
  const status = useConnectionStatus();
  const { members } = usePresence("chat/general", { name: "Anna" });
  const chat = useTopic("chat/general", { history: 50 });
  const game = useRoom("game", { match: "final" });
  const state = useRoomState(game, () => assert.fail("there is no state yet"));
  const none = [useTopic(null).status, useRoom(null).status, usePresence(null).status];
  return [
    status,
    members.length,
    chat.status,
    chat.messages.length,
    game.status,
    state,
    none,
  ].join();
}

describe("atrium/client/react, rendered on a server", () => {
  it("gives what there is before the first connection, and connects to nothing", () => {
    const expected = "idle,0,subscribing,0,joining,,subscribing,joining,subscribing";
    const everything = createElement(Everything);
    const fetch = (): never => assert.fail("it reached for the network");
    const client = connect("ws://game.test", { fetch, webSocket: fetch });
    for (const props of [{ url: "wss://game.test" }, { client }]) {
      const html = renderToString(createElement(RealtimeProvider, props, everything));
      assert.equal(html, expected);
    }
    assert.equal(client.status, "idle");
  });

  it("says which provider is missing", () => {
    for (const [name, hook] of Object.entries({ useRealtime, useConnectionStatus })) {
      const component = createElement(() => {
        hook();
        return null;
      });
      assert.throws(() => renderToString(component), {
        code: "options-invalid",
        message: `${name} needs a <RealtimeProvider> above it`,
      });
    }
  });
});
