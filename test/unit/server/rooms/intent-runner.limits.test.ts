import assert from "node:assert/strict";
import type { MessageContext } from "@colyseus/shared-types";
import { z } from "zod";
import { silentLogger } from "../../../../server/logger.ts";
import { standaloneParts } from "../../../../server/rooms/lent-parts.ts";
import type { HandleIntent, IntentOptions } from "../../../../server/rooms/intent.ts";
import { IntentRunner } from "../../../../server/rooms/intent-runner.ts";
import { SyncError } from "../../../../shared/errors.ts";
import type { WireError } from "../../../../shared/protocol/intent-frame.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { ADA, BOB, RecordedClient } from "../../../support/recorded-client.ts";

const COOLDOWN: IntentOptions = { cooldownMs: 5_000 };

/** One message with limits, and what its handler does at the moment. */
class Limited {
  readonly clock = new FakeClock();
  readonly ada = new RecordedClient({ user: ADA });
  readonly bob = new RecordedClient({ user: BOB });
  handler: HandleIntent<unknown, unknown> = () => this.act();
  #effects = 0;
  readonly #runner: IntentRunner;
  readonly #options: IntentOptions;

  constructor(options: IntentOptions) {
    this.#options = options;
    this.#runner = new IntentRunner({
      lent: { ...standaloneParts, clock: this.clock, logger: silentLogger },
      countEffects: () => this.#effects,
      isAvailable: () => true,
      durable: undefined,
      onFailure: () => {},
    });
  }

  /** Stands for a change of the state, or for a message sent. */
  act(): void {
    this.#effects += 1;
  }

  /** "done", or the code of the refusal and how long to wait. */
  async ask(client = this.ada, payload: unknown = 1): Promise<string> {
    let refusal: WireError | undefined;
    const reject = (reason: unknown): void => {
      refusal = reason as WireError;
    };
    const resolve = (): never => assert.fail("the runner answers by returning");
    const context = { id: 1, reject, resolve } as unknown as MessageContext;
    const { handler } = this;
    const message = { name: "place", schema: z.number(), options: this.#options, handler };
    await this.#runner.run(client, message, payload, context);
    if (refusal === undefined) return "done";
    return `${refusal.code} ${refusal.retryAfterMs ?? ""}`.trim();
  }
}

const REJECTED: WireError = { code: "join-refused", message: "rejected by hand" };

describe("IntentRunner with a cooldown", () => {
  it("makes the user wait after an intent that had an effect, on the server's clock", async () => {
    const limited = new Limited(COOLDOWN);
    assert.equal(await limited.ask(), "done");
    await limited.clock.advance(1_000);
    assert.equal(await limited.ask(), "cooldown 4000");
    await limited.clock.advance(3_999);
    assert.equal(await limited.ask(), "cooldown 1");
    await limited.clock.advance(1);
    assert.equal(await limited.ask(), "done");
  });

  it("is not longer for those who try while they wait", async () => {
    const limited = new Limited(COOLDOWN);
    await limited.ask();
    for (let i = 0; i < 4; i += 1) {
      await limited.clock.advance(1_000);
      assert.match(await limited.ask(), /^cooldown/);
    }
    await limited.clock.advance(1_000);
    assert.equal(await limited.ask(), "done");
  });

  it("counts for the user, whichever connection asks, and for nobody else", async () => {
    const limited = new Limited(COOLDOWN);
    await limited.ask();
    const secondTab = new RecordedClient({ sessionId: "another", user: ADA });
    assert.match(await limited.ask(secondTab), /^cooldown/);
    assert.equal(await limited.ask(limited.bob), "done");
  });

  it("is not burned by an intent that changed and sent nothing", async () => {
    const limited = new Limited(COOLDOWN);
    limited.handler = () => "nothing to do";
    assert.equal(await limited.ask(), "done");
    limited.handler = () => limited.act();
    assert.equal(await limited.ask(), "done");
  });

  it("is not burned by a payload that the schema refused", async () => {
    const limited = new Limited(COOLDOWN);
    assert.equal(await limited.ask(limited.ada, "x"), "payload-invalid");
    assert.equal(await limited.ask(), "done");
  });

  it("is not burned by a handler that throws, or refuses, after it changed something", async () => {
    const limited = new Limited(COOLDOWN);
    limited.handler = () => {
      limited.act();
      throw new SyncError("options-invalid", "no");
    };
    assert.equal(await limited.ask(), "options-invalid");
    limited.handler = (_client, _payload, context) => {
      limited.act();
      return context.reject(REJECTED);
    };
    assert.equal(await limited.ask(), "join-refused");
    limited.handler = () => limited.act();
    assert.equal(await limited.ask(), "done");
  });

  it("runs while an asynchronous handler is under way, so that it cannot be outrun", async () => {
    const limited = new Limited(COOLDOWN);
    const { promise, resolve } = Promise.withResolvers<void>();
    limited.handler = () => promise;
    const first = limited.ask();
    assert.match(await limited.ask(), /^cooldown/);
    resolve();
    assert.equal(await first, "done");
    assert.match(await limited.ask(), /^cooldown/);
  });

  it("ends when an asynchronous handler fails, or refuses", async () => {
    const limited = new Limited(COOLDOWN);
    limited.handler = () => Promise.reject(new Error("oops"));
    assert.equal(await limited.ask(), "handler-failed");
    limited.handler = async (_client, _payload, context) => {
      await Promise.resolve();
      return context.reject(REJECTED);
    };
    assert.equal(await limited.ask(), "join-refused");
    limited.handler = () => limited.act();
    assert.equal(await limited.ask(), "done");
  });
});

describe("IntentRunner with a rate limit", () => {
  it("counts every try, whatever comes of it", async () => {
    const limited = new Limited({ rateLimit: { count: 3, windowMs: 10_000 } });
    assert.equal(await limited.ask(limited.ada, "x"), "payload-invalid");
    limited.handler = () => Promise.reject(new Error("oops"));
    assert.equal(await limited.ask(), "handler-failed");
    limited.handler = () => undefined;
    assert.equal(await limited.ask(), "done");
    assert.equal(await limited.ask(), "rate-limited 3334");
    assert.equal(await limited.ask(limited.bob), "done");
    await limited.clock.advance(3_333);
    assert.equal(await limited.ask(), "rate-limited 1");
    await limited.clock.advance(1);
    assert.equal(await limited.ask(), "done");
  });

  it("comes before the cooldown", async () => {
    const limited = new Limited({ ...COOLDOWN, rateLimit: { count: 2, windowMs: 1_000 } });
    assert.equal(await limited.ask(), "done");
    assert.equal(await limited.ask(), "cooldown 5000");
    assert.equal(await limited.ask(), "rate-limited 500");
  });
});
