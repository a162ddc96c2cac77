import assert from "node:assert/strict";
import {
  type ChannelAction,
  ChannelAuthority,
  type ChannelPolicies,
} from "../../../../server/channels/channel-policy.ts";
import { aerostack } from "../../../../server/policies/aerostack-policy.ts";
import { devvit, devvitBlocks } from "../../../../server/policies/devvit-policies.ts";
import { patterns } from "../../../../server/policies/patterns-policy.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const user = { id: "ada", name: "Ada" };
const ACTIONS: readonly ChannelAction[] = ["subscribe", "publish", "presence", "history"];

/** What somebody may do on a channel, in the order of `ACTIONS`. */
async function allowed(
  policies: ChannelPolicies,
  channel: string,
  isSubscribed = false,
): Promise<string> {
  const authority = new ChannelAuthority(policies);
  const may = async (action: ChannelAction): Promise<string> => {
    const request = { channel, action, ...(action === "publish" ? { event: "message" } : {}) };
    const asked = authority.authorize({ user, isSubscribed }, request);
    return asked.then(
      () => action,
      () => "",
    );
  };
  const yes = await Promise.all(ACTIONS.map(may));
  return yes.filter((each) => each !== "").join(" ");
}

describe("the preset devvit()", () => {
  it("lets every session hear every channel and do nothing else", async () => {
    for (const channel of ["my-channel", "live_chat", "a/b", "events"]) {
      assert.equal(await allowed(devvit(), channel, true), "subscribe");
    }
  });

  it("names the limits of the seeds: 100 messages a second, 5 channels, 1 MB", () => {
    for (const { limits } of [devvit(), devvitBlocks()]) {
      assert.deepEqual(limits, {
        publications: { perSecond: 100, burst: 100 },
        channels: 5,
        payloadBytes: 1_048_576,
      });
    }
    const { limits } = devvit({ limits: { channels: 50 } });
    assert.deepEqual([limits?.channels, limits?.payloadBytes], [50, 1_048_576]);
  });

  it("is strict about names only when it is told to be, to the server's code as well", async () => {
    const lenient = new ChannelAuthority(devvit());
    const strict = new ChannelAuthority(devvit({ strict: true }));
    const request = { action: "publish", event: "message", data: 1 } as const;
    await lenient.authorize("server", { ...request, channel: "my-channel" });
    await strict.authorize("server", { ...request, channel: "my_channel" });
    const rule = "channels may only contain letters, numbers, and underscores";
    for (const channel of ["my-channel", "", "a/b", "a b"]) {
      for (const actor of ["server", { user }] as const) {
        const { code, message } = await refusalOf(() =>
          strict.authorize(actor, { ...request, channel }),
        );
        assert.equal(code, "topic-invalid");
        assert.equal(message, `invalid channel name "${channel}"; ${rule}`);
      }
    }
  });

  it("leaves other channels to the policies around it", async () => {
    const chat = { pattern: "chat/*", publish: true } as const;
    for (const policies of [
      [chat, devvit()],
      [devvit({ pattern: ["scores", "events"] }), chat],
    ]) {
      assert.equal(await allowed(policies, "scores"), "subscribe");
      assert.equal(await allowed(policies, "chat/1"), ACTIONS.join(" "));
    }
    assert.equal(await allowed(devvit({ pattern: ["scores", "events"] }), "other"), "");
  });

  it("asks the application last", async () => {
    const policy = devvit({ authorize: ({ channel }) => channel === "open" });
    assert.equal(await allowed(policy, "open"), "subscribe");
    assert.equal(await allowed(policy, "closed"), "");
  });
});

describe("the preset devvitBlocks()", () => {
  it("lets sessions publish on the channels that they are subscribed to", async () => {
    assert.equal(await allowed(devvitBlocks(), "emoji", true), "subscribe publish");
    assert.equal(await allowed(devvitBlocks(), "emoji", false), "subscribe");
  });

  it("stores nothing, whatever a session asks for", async () => {
    const authority = new ChannelAuthority(devvitBlocks());
    const request = { channel: "emoji", action: "publish", event: "any" } as const;
    const { rule } = await authority.authorize({ user, isSubscribed: true }, request);
    assert.deepEqual(rule, { persist: false });
  });
});

describe("the preset aerostack()", () => {
  it("lets every session do everything where the name has a slash", async () => {
    for (const channel of ["chat/general", "presence/doc/1"]) {
      assert.equal(await allowed(aerostack(), channel), ACTIONS.join(" "));
    }
  });

  it("keeps nothing of who is typing, whatever a session asks for", async () => {
    const authority = new ChannelAuthority(aerostack());
    const request = { channel: "chat/1", action: "publish", event: "typing" } as const;
    const { rule } = await authority.authorize({ user }, request);
    assert.deepEqual(rule, { volatile: true });
  });

  it("takes a name without a slash for a table, and tells nobody whether it exists", async () => {
    const ask = (policies: ChannelPolicies): Promise<Error> =>
      refusalOf(() =>
        new ChannelAuthority(policies).authorize(
          { user },
          { channel: "orders", action: "subscribe" },
        ),
      );
    const forbidden = [{ pattern: "orders", authorize: () => false }, aerostack()];
    assert.equal((await ask(aerostack())).message, 'subscribe on "orders" is not allowed');
    assert.deepEqual(await ask(aerostack()), await ask(forbidden));
  });
});

describe("the preset patterns()", () => {
  it("lets every session do everything on every topic", async () => {
    for (const topic of ["users", "users.created", "a/b/c"]) {
      assert.equal(await allowed(patterns(), topic), ACTIONS.join(" "));
    }
  });
});
