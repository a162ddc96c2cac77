import { standaloneParts } from "../../../../server/rooms/lent-parts.ts";
import assert from "node:assert/strict";
import type { MessageContext } from "@colyseus/shared-types";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { silentLogger } from "../../../../server/logger.ts";
import {
  IntentRunner,
  type HandleAnyMessage,
  type RoomMessage,
} from "../../../../server/rooms/intent-runner.ts";
import type { AuditEntry } from "../../../../server/persistence/room-store.ts";
import { SyncError } from "../../../../shared/errors.ts";
import type { WireError } from "../../../../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../../../../shared/protocol/protocol-version.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { ADA, BOB, RecordedClient } from "../../../support/recorded-client.ts";

/** What the asker is told. */
interface Answer {
  isRejected: boolean;
  payload: unknown;
}

class Running {
  readonly clock = new FakeClock();
  readonly ada = new RecordedClient({ user: ADA });
  readonly bob = new RecordedClient({ user: BOB });
  readonly failures: { error: unknown; name: string; payload: unknown }[] = [];
  readonly runner: IntentRunner;
  /** Stands for changes of the state and messages sent. */
  effects = 0;
  isAvailable = true;
  /** User and id of what a durable room would write down. */
  readonly noted: string[] = [];
  readonly audited: AuditEntry[] = [];
  #nextId = 1;

  constructor() {
    this.runner = new IntentRunner({
      lent: { ...standaloneParts, clock: this.clock, logger: silentLogger },
      countEffects: () => this.effects,
      isAvailable: () => this.isAvailable,
      durable: {
        restored: undefined,
        noteIntent: ({ userId, intentId, reply }) =>
          this.noted.push(`${userId} ${intentId} ${String(reply)}`),
        noteCooldown: () => {},
        noteAudit: (entry) => this.audited.push(entry),
      },
      onFailure: (error, _client, name, payload) => this.failures.push({ error, name, payload }),
    });
  }

  /** Registers a message; a handler that is not given has one effect and answers nothing. */
  on(name: string, message: Partial<RoomMessage> = {}): () => void {
    const handler = (): void => void (this.effects += 1);
    return this.runner.register({ name, schema: undefined, options: {}, handler, ...message });
  }

  /** An intent of our client that is answered at once. */
  ask(name: string, payload?: unknown, from = this.ada, id = `i-${this.#nextId++}`): Answer {
    return this.askRaw([PROTOCOL_VERSION, id, name, payload], from) as Answer;
  }

  /** An intent of our client that is answered later. */
  async askLater(name: string, payload?: unknown, id = `i-${this.#nextId++}`): Promise<Answer> {
    return this.askRaw([PROTOCOL_VERSION, id, name, payload]);
  }

  askRaw(envelope: unknown, from = this.ada): Answer | Promise<Answer> {
    const context = new RecordedContext();
    return context.answerOf(this.runner.runEnvelope(from, envelope, context));
  }

  /** The code that the asker is refused with. */
  refusal(name: string, payload?: unknown, from = this.ada): string {
    return codeOf(this.ask(name, payload, from));
  }
}

/** The context that Colyseus hands to a handler. */
class RecordedContext implements MessageContext {
  readonly id = 1;
  #rejected: Answer | undefined;

  reject(payload?: unknown): never {
    this.#rejected = { isRejected: true, payload };
    return undefined as never;
  }

  resolve(): never {
    return assert.fail("the runner answers by returning");
  }

  answerOf(result: unknown): Answer | Promise<Answer> {
    if (result instanceof Promise) return result.then((value) => this.answerOf(value));
    return this.#rejected ?? { isRejected: false, payload: result };
  }
}

function codeOf({ isRejected, payload }: Answer): string {
  assert.equal(isRejected, true, `answered ${JSON.stringify(payload)}`);
  return (payload as WireError).code;
}

const Amount: StandardSchemaV1<unknown, number> = z.number().max(10);

describe("IntentRunner", () => {
  describe("an intent", () => {
    it("reaches the handler with its client and payload, and is answered with what it returns", () => {
      const running = new Running();
      const calls: unknown[] = [];
      running.on("add", {
        handler(client, payload) {
          calls.push([client.user, payload]);
          return { total: 3 };
        },
      });
      const answer = running.ask("add", 2);
      assert.deepEqual(answer, { isRejected: false, payload: { total: 3 } });
      assert.deepEqual(calls, [[ADA, 2]]);
    });

    it("is refused as unknown-message when nobody registered it", () => {
      const running = new Running();
      const answer = running.ask("x".repeat(1_000));
      assert.equal(codeOf(answer), "unknown-message");
      assert.ok((answer.payload as WireError).message.length < 100);
    });

    for (const name of ["constructor", "__proto__", "toString", ""]) {
      it(`is refused as unknown-message when it is called "${name}"`, () => {
        assert.equal(new Running().refusal(name), "unknown-message");
      });
    }

    it("is refused as version-mismatch when it speaks another protocol", () => {
      const running = new Running();
      running.on("add");
      const versions = [0, PROTOCOL_VERSION + 1, String(PROTOCOL_VERSION), null, undefined];
      for (const version of versions) {
        const answer = running.askRaw([version, "i-1", "add", 1]) as Answer;
        assert.equal(codeOf(answer), "version-mismatch");
      }
      assert.equal(running.effects, 0);
    });

    it("is refused with a typed error when its envelope is anything else", () => {
      const running = new Running();
      running.on("add");
      const envelopes = [
        undefined,
        null,
        "add",
        7,
        {},
        [],
        { 0: PROTOCOL_VERSION, 1: "i-1", 2: "add" },
        [PROTOCOL_VERSION],
        [PROTOCOL_VERSION, 5, "add", 1],
        [PROTOCOL_VERSION, "i-1", 5, 1],
        [PROTOCOL_VERSION, "i-1", ["add"], 1],
        [PROTOCOL_VERSION, "x".repeat(65), "add", 1],
      ];
      for (const envelope of envelopes) {
        const code = codeOf(running.askRaw(envelope) as Answer);
        assert.ok(code === "version-mismatch" || code === "payload-invalid", code);
      }
      assert.equal(running.effects, 0);
    });

    it("is refused as payload-invalid, without its handler, when the schema refuses it", () => {
      const running = new Running();
      running.on("add", { schema: Amount });
      assert.equal(running.refusal("add", 11), "payload-invalid");
      assert.equal(running.refusal("add", "1"), "payload-invalid");
      assert.equal(running.effects, 0);
      assert.deepEqual(running.failures, []);
      assert.equal(running.ask("add", 10).isRejected, false);
    });

    it("is refused as store-unavailable before anything else while changes cannot be saved", () => {
      const running = new Running();
      running.on("add", { schema: Amount, options: { rateLimit: { count: 1, windowMs: 1_000 } } });
      running.isAvailable = false;
      assert.equal(running.refusal("add", "not a number"), "store-unavailable");
      assert.equal(running.effects, 0);
      running.isAvailable = true;
      assert.equal(running.ask("add", 1).isRejected, false);
    });

    it("is refused with the error that its handler throws, if that is a SyncError", () => {
      const running = new Running();
      running.on("add", {
        handler() {
          throw new SyncError("options-invalid", "the board is full", { retryAfterMs: 5 });
        },
      });
      assert.deepEqual(running.ask("add"), {
        isRejected: true,
        payload: { code: "options-invalid", message: "the board is full", retryAfterMs: 5 },
      });
      assert.deepEqual(running.failures, []);
    });

    it("is refused as handler-failed, and reported, when its handler throws anything else", () => {
      const running = new Running();
      const error = new TypeError("cannot read properties of undefined");
      running.on("add", {
        handler() {
          throw error;
        },
      });
      const answer = running.ask("add", 5);
      assert.equal(codeOf(answer), "handler-failed");
      assert.doesNotMatch((answer.payload as WireError).message, /properties/);
      assert.deepEqual(running.failures, [{ error, name: "add", payload: 5 }]);
    });

    it("is refused with what its handler gives to `context.reject`", () => {
      const running = new Running();
      running.on("add", { handler: (_client, _payload, context) => context.reject("not yours") });
      assert.deepEqual(running.ask("add"), { isRejected: true, payload: "not yours" });
    });

    it("is answered with what its handler gives to `context.resolve`", () => {
      const running = new Running();
      running.on("add", {
        handler(_client, _payload, context) {
          context.resolve("early");
          return "late";
        },
      });
      assert.deepEqual(running.ask("add"), { isRejected: false, payload: "early" });
    });
  });

  describe("an asynchronous intent", () => {
    it("is answered when its handler's promise resolves, and holds up nobody else", async () => {
      const running = new Running();
      const { promise, resolve } = Promise.withResolvers<string>();
      running.on("slow", { handler: () => promise });
      running.on("quick", { handler: () => "quick" });
      const slow = running.askLater("slow");
      assert.deepEqual(running.ask("quick"), { isRejected: false, payload: "quick" });
      resolve("slow");
      assert.deepEqual(await slow, { isRejected: false, payload: "slow" });
    });

    it("is refused like a synchronous one when its promise rejects", async () => {
      const running = new Running();
      running.on("typed", {
        handler: () => Promise.reject(new SyncError("cooldown", "wait", { retryAfterMs: 9 })),
      });
      running.on("untyped", { handler: () => Promise.reject(new Error("oops")) });
      const typed = await running.askLater("typed");
      assert.deepEqual(typed.payload, { code: "cooldown", message: "wait", retryAfterMs: 9 });
      assert.equal(codeOf(await running.askLater("untyped")), "handler-failed");
      assert.deepEqual(
        running.failures.map(({ name }) => name),
        ["untyped"],
      );
    });

    it("runs after a schema that checks asynchronously, or not at all", async () => {
      const running = new Running();
      const isEven = z.number().refine((value) => Promise.resolve(value % 2 === 0), "is odd");
      running.on("add", { schema: isEven });
      assert.equal((await running.askLater("add", 2)).isRejected, false);
      assert.equal(running.effects, 1);
      assert.equal(codeOf(await running.askLater("add", 3)), "payload-invalid");
      assert.equal(running.effects, 1);
    });

    it("may answer with any thenable", async () => {
      const running = new Running();
      // Not a promise, as what some database clients return.
      // oxlint-disable-next-line unicorn/no-thenable
      const query = { then: (done: (text: string) => void) => done("ok") };
      running.on("add", { handler: () => query });
      assert.deepEqual(await running.askLater("add"), { isRejected: false, payload: "ok" });
    });
  });

  describe("a repeated id", () => {
    it("has its effect once and gets the first answer again", () => {
      const running = new Running();
      running.on("add", { handler: () => (running.effects += 1) });
      const first = running.ask("add", 1, running.ada, "i-7");
      const second = running.ask("add", 1, running.ada, "i-7");
      assert.deepEqual([first.payload, second.payload], [1, 1]);
      assert.equal(running.effects, 1);
    });

    it("gets the first refusal again", () => {
      const running = new Running();
      running.on("add", { schema: Amount });
      assert.equal(codeOf(running.ask("add", 99, running.ada, "i-7")), "payload-invalid");
      assert.equal(codeOf(running.ask("add", 1, running.ada, "i-7")), "payload-invalid");
      assert.equal(running.effects, 0);
    });

    it("waits for the intent that is still under way", async () => {
      const running = new Running();
      const { promise, resolve } = Promise.withResolvers<string>();
      running.on("slow", { handler: () => promise });
      const answers = [running.askLater("slow", 1, "i-7"), running.askLater("slow", 1, "i-7")];
      resolve("done");
      assert.deepEqual(
        (await Promise.all(answers)).map(({ payload }) => payload),
        ["done", "done"],
      );
    });

    it("is another intent when another user sends it", () => {
      const running = new Running();
      running.on("add");
      running.ask("add", 1, running.ada, "i-7");
      running.ask("add", 1, running.bob, "i-7");
      assert.equal(running.effects, 2);
    });

    it("is written down once, with its reply", () => {
      const running = new Running();
      running.on("add");
      running.ask("add", 1, running.ada, "i-7");
      running.ask("add", 1, running.ada, "i-7");
      running.ask("add", 1, running.bob, "i-8");
      assert.deepEqual(running.noted, ["user-ada i-7 undefined", "user-bob i-8 undefined"]);
    });

    it("is written down when its promise is fulfilled, not before, and never when it is refused", async () => {
      const running = new Running();
      const { promise, resolve } = Promise.withResolvers<string>();
      running.on("slow", { handler: () => promise });
      running.on("fail", { handler: () => Promise.reject(new SyncError("closed", "no")) });
      running.on("add", { schema: Amount });
      const answers = [running.askLater("slow", 1, "i-7"), running.askLater("fail", 1, "i-8")];
      assert.equal(codeOf(running.ask("add", 99, running.ada, "i-9")), "payload-invalid");
      assert.deepEqual(running.noted, []);
      resolve("done");
      await Promise.all(answers);
      assert.deepEqual(running.noted, ["user-ada i-7 done"]);
    });

    it("is audited where its options say so, once it had an effect and not before", () => {
      const running = new Running();
      running.on("add", { options: { audit: true } });
      running.on("look", { options: { audit: true }, handler: () => "seen" });
      running.on("move");
      running.ask("add", { by: 1 });
      running.ask("look", 1);
      running.ask("move", 1);
      const at = running.clock.now();
      assert.deepEqual(running.audited, [
        { at, userId: "user-ada", name: "add", data: '["Ada",{"by":1}]' },
      ]);
    });
  });

  describe("a stock message", () => {
    it("is checked and answered like an intent, and runs each time it is sent", () => {
      const running = new Running();
      const message: RoomMessage = {
        name: "add",
        schema: Amount,
        options: {},
        handler: () => (running.effects += 1),
      };
      const run = (payload: unknown): Answer => {
        const context = new RecordedContext();
        const result = running.runner.run(running.ada, message, payload, context);
        return context.answerOf(result) as Answer;
      };
      assert.deepEqual(run(1), { isRejected: false, payload: 1 });
      assert.deepEqual(run(1), { isRejected: false, payload: 2 });
      assert.equal(codeOf(run(11)), "payload-invalid");
      assert.deepEqual(running.noted, []);
    });
  });

  describe("several handlers of one message", () => {
    it("all run, in the order they were added, and the first one answers", () => {
      const running = new Running();
      const calls: string[] = [];
      for (const name of ["first", "second", "third"]) {
        running.on("add", { handler: () => (calls.push(name), name) });
      }
      assert.equal(running.ask("add").payload, "first");
      assert.deepEqual(calls, ["first", "second", "third"]);
    });

    it("leave the others in place when one is removed", () => {
      const running = new Running();
      const removeFirst = running.on("add", { handler: () => "first" });
      const removeSecond = running.on("add", { handler: () => "second" });
      removeFirst();
      removeFirst();
      assert.equal(running.ask("add").payload, "second");
      removeSecond();
      assert.equal(running.refusal("add"), "unknown-message");
    });

    it("do not take the answer away when a later one fails", () => {
      const running = new Running();
      running.on("add", { handler: () => "fine" });
      running.on("add", {
        handler() {
          throw new Error("second");
        },
      });
      assert.equal(running.ask("add").payload, "fine");
      assert.equal(running.failures.length, 1);
    });
  });

  describe("a fallback", () => {
    it("takes the messages that nobody registered, and only those", () => {
      const running = new Running();
      const taken: unknown[] = [];
      running.runner.registerFallback((_client, name, payload) => taken.push([name, payload]));
      running.on("add");
      assert.equal(running.ask("add", 1).isRejected, false);
      assert.deepEqual(running.ask("else", 2), { isRejected: false, payload: undefined });
      assert.deepEqual(taken, [["else", 2]]);
    });

    it("is reported when it throws, or its promise rejects, and costs nobody else anything", async () => {
      const running = new Running();
      const failing: HandleAnyMessage = (_client, _name, payload) => {
        if (payload === "later") return Promise.reject(new Error("oops, later"));
        throw new Error("oops");
      };
      const safe = running.runner.registerFallback(failing);
      safe(running.ada, 7, "from a stock client");
      running.ask("else", 2);
      running.ask("else", "later");
      await running.clock.advance(0);
      assert.deepEqual(
        running.failures.map(({ name, payload }) => [name, payload]),
        [
          ["7", "from a stock client"],
          ["else", 2],
          ["else", "later"],
        ],
      );
    });
  });

  describe("a handler of bytes", () => {
    it("is reported when it throws, or its promise rejects, and goes no further", async () => {
      const running = new Running();
      const bytes = Uint8Array.of(1, 2);
      const throwing = running.runner.containBytes("throwing", () => {
        throw new Error("oops");
      });
      const rejecting = running.runner.containBytes("rejecting", () =>
        Promise.reject(new Error("oops, later")),
      );
      throwing(running.ada, bytes);
      rejecting(running.ada, bytes);
      await running.clock.advance(0);
      assert.deepEqual(
        running.failures.map(({ name, payload }) => [name, payload]),
        [
          ["throwing", bytes],
          ["rejecting", bytes],
        ],
      );
    });
  });
});
