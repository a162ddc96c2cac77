import assert from "node:assert/strict";
import { inspect } from "node:util";
import { redactText } from "../../../../server/logging/redact.ts";
import { pinoLogger, type LogLevel } from "../../../../server/logging/pino-logger.ts";
import { redactingLogger } from "../../../../server/logging/redacting-logger.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { MAX_LOGGED_LENGTH } from "../../../../shared/limits.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLXBhcnQ";

/** A text that holds a secret, and the secret. */
const LEAKS: readonly (readonly [text: string, secret: string])[] = [
  [`the token ${JWT} was refused`, JWT],
  ["Authorization: Bearer opaque-4711", "opaque-4711"],
  ["authorization: basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
  ["GET /p/room?sessionId=x&_authToken=opaque-4711 failed", "opaque-4711"],
  ["ws://host:2567/p/room?reconnectionToken=opaque-4711", "opaque-4711"],
  ["GET /p/room?opaque-4711", "opaque-4711"],
  ["cannot reach postgres://user:opaque-4711@db/atrium", "opaque-4711"],
  ["cannot reach redis://:opaque-4711@cache:6379", "opaque-4711"],
  ['{"password":"opaque-4711"}', "opaque-4711"],
  ["{ apiKey: 'opaque 4711' }", "opaque 4711"],
  ["x-api-key=opaque-4711", "opaque-4711"],
  ["Cookie: session=opaque-4711", "opaque-4711"],
  ["client_secret: opaque-4711", "opaque-4711"],
  ["subprotocol atrium-reconnect.opaque-4711", "opaque-4711"],
  ["the key hunter2hunter2hunter2 was used", "hunter2hunter2hunter2"],
];

/** What a logger is told, as text. */
class Recorded {
  readonly lines: unknown[][] = [];
  readonly logger = redactingLogger(
    {
      info: (...said) => this.lines.push(said),
      warn: (...said) => this.lines.push(said),
      error: (...said) => this.lines.push(said),
    },
    ["hunter2hunter2hunter2"],
  );

  get text(): string {
    return inspect(this.lines, { depth: 20, showHidden: true });
  }
}

describe("redactingLogger", () => {
  for (const [text, secret] of LEAKS) {
    it(`leaves the secret out of: ${text}`, () => {
      const { logger, ...recorded } = new Recorded();
      logger.info(text);
      logger.warn(text, new Error(text));
      logger.error(text, new SyncError("auth-failed", text, { cause: new Error(text) }));
      logger.error("as thrown", text);
      logger.error("in an object", { nested: [{ text }] });
      logger.error("of several", new AggregateError([new Error(text)], text));
      assert.equal(recorded.lines.length, 6);
      assert.ok(!inspect(recorded.lines, { depth: 20, showHidden: true }).includes(secret));
    });
  }

  it("says the rest", () => {
    const recorded = new Recorded();
    recorded.logger.warn(`join of ann failed: ${JWT}`, new RangeError("no place left"));
    assert.match(recorded.text, /join of ann failed: \[redacted\]/);
    assert.match(recorded.text, /RangeError: no place left/);
  });

  it("leaves plain words about tokens and keys alone", () => {
    const said = "the token has expired; an API key of 3 characters is shorter than 16 (why?)";
    assert.equal(redactText(said), said);
  });

  it("keeps the class, the code and the causes of an error", () => {
    const recorded = new Recorded();
    const cause = new TypeError("inner");
    recorded.logger.error("failed", new SyncError("store-unavailable", "outer", { cause }));
    const error = recorded.lines[0]?.[1];
    assert.ok(error instanceof SyncError);
    assert.equal(error.code, "store-unavailable");
    assert.match(String(error.stack), /SyncError: outer|redacting-logger\.test/);
    assert.ok(error.cause instanceof TypeError);
  });

  it("leaves out what else hangs on an error, and what is named like a secret", () => {
    const recorded = new Recorded();
    const config = { headers: { Authorization: "opaque-4711" } };
    recorded.logger.error("failed", Object.assign(new Error("HTTP 500"), { config }));
    recorded.logger.error("failed", { accessToken: "opaque-4711", host: "db" });
    assert.ok(!recorded.text.includes("opaque-4711"));
    assert.match(recorded.text, /host: 'db'/);
  });

  it("ends at a circle, and cuts what is too long", () => {
    const recorded = new Recorded();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    recorded.logger.error("circle", circle);
    recorded.logger.info("x".repeat(MAX_LOGGED_LENGTH * 4));
    assert.ok(recorded.text.length < MAX_LOGGED_LENGTH * 2);
  });

  it("reads the most hostile text in a moment", () => {
    for (const piece of ["eyJ-", "/", "token", "Bearer ", "//a", "?x", "password:"]) {
      const startedAt = performance.now();
      redactText(piece.repeat(MAX_LOGGED_LENGTH));
      assert.ok(performance.now() - startedAt < 1_000, piece);
    }
  });

  it("shows what would move a terminal's cursor, turn text around, or begin a line", () => {
    const recorded = new Recorded();
    recorded.logger.info("a\u001b[2Jb\u202ec\rd\n2026 error forged\tend");
    const escaped = "a\\u001b[2Jb\\u202ec\\u000dd\\n2026 error forged\tend";
    assert.deepEqual(recorded.lines, [[escaped]]);
  });

  it("gives no second argument where there is no error", () => {
    const recorded = new Recorded();
    recorded.logger.warn("alone");
    assert.deepEqual(recorded.lines, [["alone"]]);
  });
});

describe("pinoLogger", () => {
  function lines(level?: LogLevel): { written: string[]; logger: ReturnType<typeof pinoLogger> } {
    const written: string[] = [];
    const destination = { write: (line: string) => written.push(line) };
    const logger = pinoLogger({ destination, ...(level === undefined ? {} : { level }) });
    return { written, logger };
  }

  it("writes one line of JSON a report, with its error and without its secrets", () => {
    const { written, logger } = lines();
    logger.error(`failed with ${JWT}`, new Error("outer", { cause: new Error(`inner ${JWT}`) }));
    assert.equal(written.length, 1);
    interface Line {
      level: string;
      msg: string;
      time: string;
      err: { stack: string };
    }
    const { level, msg, err, time } = JSON.parse(written[0]!) as Line;
    assert.deepEqual({ level, msg }, { level: "error", msg: "failed with [redacted]" });
    assert.match(err.stack, /inner \[redacted\]/);
    assert.ok(!Number.isNaN(Date.parse(time)));
    assert.ok(!written[0]!.includes(JWT));
  });

  it("writes what a report is about in fields of their own", () => {
    const { written, logger } = lines();
    const fields = { room: "board", roomId: "b1", sessionId: "s1", userId: "ada" };
    logger.info("one", fields);
    logger.warn("two", undefined, fields);
    logger.error("three", new Error("no"), fields);
    for (const line of written) {
      const { room, roomId, sessionId, userId } = JSON.parse(line) as typeof fields;
      assert.deepEqual({ room, roomId, sessionId, userId }, fields);
    }
    assert.equal(written.length, 3);
  });

  it("keeps a report of several lines in one line", () => {
    const { written, logger } = lines();
    logger.info('first\n{"level":"error"}');
    assert.equal(written.join("").split("\n").length, 2);
  });

  it("writes nothing below its level", () => {
    const { written, logger } = lines("warn");
    logger.info("quiet");
    logger.warn("loud");
    assert.deepEqual(
      written.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ["loud"],
    );
  });

  it("refuses a level that there is not", () => {
    assert.throws(() => pinoLogger({ level: "loud" as LogLevel }), RangeError);
  });
});
