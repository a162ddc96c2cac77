import assert from "node:assert/strict";
import { z } from "zod";
import {
  type ChannelAction,
  ChannelAuthority,
  type ChannelPolicies,
  type ChannelPolicy,
  type ChannelRequest,
  type Grant,
} from "../../../../server/channels/channel-policy.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const ada = { user: { id: "ada", name: "Ada" } };
const ACTIONS: readonly ChannelAction[] = ["subscribe", "publish", "presence", "history", "revise"];

describe("ChannelAuthority", () => {
  function ask(
    policies: ChannelPolicies,
    action: ChannelAction,
    { channel = "chat/general", ...publication }: Partial<ChannelRequest> = {},
  ): Promise<Grant> {
    return new ChannelAuthority(policies).authorize(ada, { channel, action, ...publication });
  }

  async function refusalFor(...asked: Parameters<typeof ask>): Promise<string> {
    return (await refusalOf(() => ask(...asked))).code;
  }

  it("allows nobody anything without a policy, and the server's own code everything", async () => {
    for (const action of ACTIONS) {
      assert.equal(await refusalFor([], action, { event: "message" }), "not-allowed");
    }
    const authority = new ChannelAuthority([]);
    const request = { channel: "chat", action: "publish", event: "message", data: 1 } as const;
    assert.deepEqual(await authority.authorize("server", request), { data: 1, rule: {} });
  });

  it("lets users hear, be present and read where a pattern matches, and publish nothing", async () => {
    const policies = [{ pattern: "chat/*" }];
    for (const action of ["subscribe", "presence", "history", "revise"] as const) {
      assert.deepEqual(await ask(policies, action), { data: undefined, rule: {} });
    }
    assert.equal(await refusalFor(policies, "publish", { event: "message" }), "not-allowed");
    assert.equal(await refusalFor(policies, "subscribe", { channel: "news" }), "not-allowed");
  });

  it("closes presence and history where the policy says so", async () => {
    const policies = [{ pattern: "chat/*", presence: false, history: false }];
    assert.equal(await refusalFor(policies, "presence"), "not-allowed");
    assert.equal(await refusalFor(policies, "history"), "not-allowed");
    await ask(policies, "subscribe");
  });

  it("lets users publish any event where publish is true", async () => {
    const policies = [{ pattern: "chat/*", publish: true }] as const;
    const { data, rule } = await ask(policies, "publish", { event: "anything", data: [1] });
    assert.deepEqual({ data, rule }, { data: [1], rule: {} });
  });

  it("lets users publish only the events that are declared", async () => {
    const policies = [
      { pattern: "chat/*", publish: { message: true, typing: { volatile: true } } },
    ];
    const grant = await ask(policies as ChannelPolicy[], "publish", { event: "typing", data: 1 });
    assert.deepEqual(grant.rule, { volatile: true });
    for (const event of ["shout", "constructor", "__proto__", "toString", ""]) {
      const asked = { event, data: 1 };
      assert.equal(await refusalFor(policies as ChannelPolicy[], "publish", asked), "not-allowed");
    }
    assert.equal(await refusalFor(policies as ChannelPolicy[], "publish"), "not-allowed");
  });

  it("takes `*` for every event that is not named", async () => {
    const policies = [{ pattern: "*", publish: { bye: { volatile: true }, "*": true } }] as const;
    const rule = async (event: string): Promise<unknown> =>
      (await ask(policies, "publish", { channel: "chat", event })).rule;
    assert.deepEqual(await rule("bye"), { volatile: true });
    assert.deepEqual(await rule("hi"), {});
    assert.deepEqual(await rule("constructor"), {});
  });

  it("matches any of several patterns", async () => {
    const policies = { pattern: ["news", "chat/*"] };
    await ask(policies, "subscribe", { channel: "news" });
    await ask(policies, "subscribe", { channel: "chat/1" });
    assert.equal(await refusalFor(policies, "subscribe", { channel: "other" }), "not-allowed");
  });

  it("passes payloads through the event's schema, and gives what it returns", async () => {
    const text = z.object({ text: z.string().trim().max(5) });
    for (const rule of [text, { schema: text }]) {
      const policies = [{ pattern: "chat/*", publish: { message: rule } }];
      const asked = { event: "message", data: { text: " hi ", color: "red" } };
      assert.deepEqual((await ask(policies, "publish", asked)).data, { text: "hi" });
      const wrong = { event: "message", data: { text: "far too long" } };
      assert.equal(await refusalFor(policies, "publish", wrong), "payload-invalid");
    }
  });

  it("waits for a schema that checks asynchronously", async () => {
    const slow = z.string().refine(async (text) => Promise.resolve(text !== "bad"));
    const policies = [{ pattern: "chat/*", publish: { message: slow } }];
    assert.equal((await ask(policies, "publish", { event: "message", data: "good" })).data, "good");
    const bad = { event: "message", data: "bad" };
    assert.equal(await refusalFor(policies, "publish", bad), "payload-invalid");
  });

  it("asks authorize who wants what, once the rest allows it", async () => {
    const asked: ChannelRequest[] = [];
    const authorize = (request: ChannelRequest): boolean => asked.push(request) > 0;
    const publish = { message: z.string().trim() };
    const policies = [{ pattern: "chat/*", publish, history: false, authorize }];
    await ask(policies, "subscribe");
    await ask(policies, "publish", { event: "message", data: " hi " });
    await refusalFor(policies, "history");
    await refusalFor(policies, "publish", { event: "shout", data: "" });
    await refusalFor(policies, "publish", { event: "message", data: 5 });
    const channel = "chat/general";
    assert.deepEqual(asked, [
      { ...ada, channel, action: "subscribe" },
      { ...ada, channel, action: "publish", event: "message", data: "hi" },
    ]);
  });

  it("takes nothing but true, now or later, for a yes", async () => {
    const answers: unknown[] = [false, undefined, null, 0, 1, "yes", {}, Promise.resolve(false)];
    for (const answer of answers) {
      const authorize = (() => answer) as NonNullable<ChannelPolicy["authorize"]>;
      assert.equal(await refusalFor([{ pattern: "**", authorize }], "subscribe"), "not-allowed");
    }
    await ask([{ pattern: "**", authorize: () => Promise.resolve(true) }], "subscribe");
  });

  it("passes on what authorize itself fails with", async () => {
    const authorize = (): never => {
      throw new Error("no database");
    };
    await assert.rejects(ask([{ pattern: "**", authorize }], "subscribe"), /no database/);
  });

  it("goes by the first of several patterns that match", async () => {
    const policies = [{ pattern: "chat/staff", authorize: () => false }, { pattern: "chat/*" }];
    assert.equal(await refusalFor(policies, "subscribe", { channel: "chat/staff" }), "not-allowed");
    await ask(policies, "subscribe", { channel: "chat/general" });
  });

  it("refuses names that are none before it asks anybody", async () => {
    const authorize = (): never => assert.fail("it was asked");
    const policies = [{ pattern: "**", authorize }];
    const names: unknown[] = ["chat/*", "", "x".repeat(10_000), 5, null, { toString: 1 }];
    for (const channel of names) {
      const code = await refusalFor(policies, "subscribe", { channel: channel as string });
      assert.equal(code, "topic-invalid");
    }
  });

  it("says what was not allowed, cut short", async () => {
    const event = "e".repeat(128);
    const { message } = await refusalOf(() => ask([], "publish", { event }));
    assert.equal(message, `publish "${"e".repeat(40)}" on "chat/general" is not allowed`);
  });

  it("refuses policies that contradict themselves or match no name", () => {
    const publish = { message: { persist: true, volatile: true } };
    assert.throws(() => new ChannelAuthority([{ pattern: "a", publish }]), RangeError);
    assert.throws(() => new ChannelAuthority([{ pattern: "a b" }]), { code: "topic-invalid" });
  });
});
