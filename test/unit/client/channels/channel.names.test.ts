import assert from "node:assert/strict";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";

describe("the name of a Channel", () => {
  it("may be whatever a topic may be, and is refused in the page already", () => {
    const { realtime } = new FakeChannelClient();
    for (const name of ["my-channel", "chat/general", "users.created", "a:b"]) {
      assert.equal(realtime.channel(name).topic, name);
    }
    for (const name of ["", "a//b", "a b", "x".repeat(129)]) {
      assert.throws(() => realtime.channel(name), { code: "topic-invalid" });
    }
  });

  it("is what Devvit would take where that is wanted, or refused in Devvit's words", () => {
    const { realtime } = new FakeChannelClient();
    const strict = { strict: "devvit" } as const;
    assert.equal(realtime.channel("my_channel", strict).topic, "my_channel");
    for (const name of ["my-channel", "", "a/b"]) {
      assert.throws(() => realtime.channel(name, strict), {
        code: "topic-invalid",
        message: `invalid channel name "${name}"; channels may only contain letters, numbers, and underscores`,
      });
    }
  });
});
