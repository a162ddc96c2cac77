import assert from "node:assert/strict";
import { SyncError } from "../../../shared/errors.ts";
import { parseDevvitName, parseTopic, TopicPattern } from "../../../shared/topics.ts";

function refuses(topic: unknown): void {
  assert.throws(
    () => parseTopic(topic),
    (error: unknown) => error instanceof SyncError && error.code === "topic-invalid",
  );
}

describe("parseTopic", () => {
  it("takes letters, digits and _ . : / - in segments", () => {
    for (const topic of [
      "a",
      "chat/general",
      "my-channel",
      "users.created",
      "room:42",
      "A_9/b/c",
    ]) {
      assert.equal(parseTopic(topic), topic);
    }
  });

  it("takes 128 characters and refuses 129", () => {
    assert.equal(parseTopic("x".repeat(128)).length, 128);
    refuses("x".repeat(129));
  });

  it("refuses an empty name and an empty segment", () => {
    for (const topic of ["", "/", "/a", "a/", "a//b"]) refuses(topic);
  });

  it("refuses wildcards, blanks, control characters and what is not ASCII", () => {
    for (const topic of [
      "*",
      "chat/*",
      ">",
      "a b",
      "a\n",
      "\u0000",
      "a\u0000b",
      "café",
      "a%2Fb",
      "$a",
    ]) {
      refuses(topic);
    }
  });

  it("takes names that JavaScript gives a meaning to: they are names like others", () => {
    for (const topic of ["__proto__", "constructor", "toString"]) {
      assert.equal(parseTopic(topic), topic);
    }
  });

  it("refuses everything that is not a text, also what cannot be made one", () => {
    const values = [undefined, null, 5, 5n, true, [], ["a"], {}, Symbol("a"), () => "a"];
    for (const topic of [...values, Object.create(null), { toString: 1, valueOf: 1 }]) {
      refuses(topic);
    }
  });

  it("shows what it refused, cut short and without its control characters", () => {
    const message = (topic: unknown): string => {
      try {
        return parseTopic(topic);
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.equal(
      message("a\u0000*"),
      'channel name "a\\u0000*" is not 1 to 128 characters of A-Z a-z 0-9 _ . : / -',
    );
    assert.ok(message("x".repeat(10_000)).length < 150);
    assert.match(message(7), /^channel name number is not/);
  });
});

describe("parseDevvitName", () => {
  it("takes letters, digits and underscores only, of which every one is a topic", () => {
    for (const name of ["events", "progress_state", "__proto__", "9", "x".repeat(128)]) {
      assert.equal(parseDevvitName(name), parseTopic(name));
    }
  });

  it("refuses what Devvit refuses, with the words of Devvit", () => {
    assert.throws(() => parseDevvitName("my-channel"), {
      code: "topic-invalid",
      message:
        'invalid channel name "my-channel"; channels may only contain letters, numbers, and underscores',
    });
    for (const name of ["", "a/b", "a.b", "a b", "a\n", "é", 5, undefined, { toString: 1 }]) {
      assert.throws(() => parseDevvitName(name), { code: "topic-invalid" });
    }
    assert.throws(() => parseDevvitName("x".repeat(129)), { code: "topic-invalid" });
  });
});

describe("TopicPattern", () => {
  const matches = (pattern: string, topic: string): boolean =>
    new TopicPattern(pattern).matches(topic);

  it("matches a name without a star only exactly", () => {
    assert.ok(matches("chat/general", "chat/general"));
    for (const topic of ["chat", "chat/general/x", "chat/General", "xchat/general"]) {
      assert.ok(!matches("chat/general", topic), topic);
    }
  });

  it("matches any one segment with *", () => {
    assert.ok(matches("chat/*", "chat/general"));
    assert.ok(matches("*/general", "chat/general"));
    assert.ok(matches("lists/*/items", "lists/7/items"));
    for (const topic of ["chat", "chat/a/b", "xchat/a"])
      assert.ok(!matches("chat/*", topic), topic);
  });

  it("matches one segment or more with a last **", () => {
    assert.ok(matches("chat/**", "chat/a"));
    assert.ok(matches("chat/**", "chat/a/b/c"));
    assert.ok(!matches("chat/**", "chat"));
    assert.ok(!matches("chat/**", "xchat/a"));
    assert.ok(matches("**", "anything/at/all"));
  });

  it("takes a dot for a dot", () => {
    assert.ok(!matches("users.created", "users-created"));
  });

  it("does not take a name that is a suffix or a prefix for the name", () => {
    assert.ok(!matches("test", "my_test"));
    assert.ok(!matches("test", "test_2"));
  });

  it("refuses patterns that mean nothing", () => {
    for (const pattern of ["", "chat*", "a/**/b", "a//b", "**/a", "/a", "a b", "***"]) {
      assert.throws(() => new TopicPattern(pattern), { code: "topic-invalid" }, pattern);
    }
  });
});
