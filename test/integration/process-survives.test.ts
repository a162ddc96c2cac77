import assert from "node:assert/strict";
import { Protocol } from "@colyseus/shared-types";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { matchMaker } from "@colyseus/core";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { messageFrame, requestFrame, type FrameClient } from "../support/frame-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Score = schema({ value: t.number().default(0) }, "SurvivalScore");
type Score = SchemaType<typeof Score>;

class ScoreRoom extends SyncRoom<{ state: Score }> {
  override state = new Score();
}

/** Fails the test if anything went uncaught, which would have ended the process. */
async function withoutUncaughtErrors(run: () => Promise<void>): Promise<void> {
  const uncaught: unknown[] = [];
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.listeners(event as "uncaughtException"));
  const note = (error: unknown): void => void uncaught.push(error);
  for (const event of events) {
    process.removeAllListeners(event);
    process.on(event, note);
  }
  try {
    await run();
    // Rejections are told about when the promises of this turn have settled.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    for (const [index, event] of events.entries()) {
      process.off(event, note);
      for (const listener of before[index] ?? []) process.on(event, listener);
    }
  }
  assert.deepEqual(uncaught, []);
}

/** A round trip: whatever was sent before has been handled, and the room still answers. */
async function ping(client: FrameClient): Promise<void> {
  const pongs = (): number => client.codes.filter((code) => code === Protocol.PING).length;
  const before = pongs();
  client.send(Uint8Array.of(Protocol.PING));
  await waitUntil(() => pongs() > before, { what: "the ping is answered" });
}

describe("the process survives", () => {
  it("a client that is closed with words of its own while a reply waits for the tick", () =>
    withoutUncaughtErrors(async () => {
      class Greeting extends ScoreRoom {
        override ticksPerSecond = 5;
        override messages = { greet: () => "hello" };
      }
      await using server = await startTestServer({ rooms: { greeting: Greeting } });
      const witness = await server.joinFrames("greeting");
      const client = await server.joinFrames("greeting");
      // Colyseus closes who sends a message that nobody takes, and quotes its name.
      client.send(requestFrame(9, "greet"));
      client.send(messageFrame("x".repeat(500), 1));
      const { code, reason } = await client.waitForClose();
      assert.equal(code, CloseCode.WITH_ERROR);
      assert.match(reason, /^room onMessage for "x+/);
      assert.deepEqual(await client.replyTo(9), { status: 0, payload: "hello" });
      await ping(witness);
    }));

  it("a handler of bytes that throws or rejects, and so does its client", () =>
    withoutUncaughtErrors(async () => {
      class Raw extends ScoreRoom {
        override onCreate(): void {
          this.onMessageBytes("throw", () => {
            throw new Error("oops");
          });
          this.onMessageBytes("reject", () => Promise.reject(new Error("oops")));
        }
      }
      await using server = await startTestServer({ rooms: { raw: Raw } });
      const client = await server.joinFrames("raw");
      for (const type of ["throw", "reject"]) {
        const frame = messageFrame(type, new Uint8Array(3));
        frame[0] = Protocol.ROOM_DATA_BYTES;
        client.send(frame);
      }
      await ping(client);
      assert.equal(client.closed, undefined);
    }));

  it("a wildcard handler whose promise rejects, and so does its client", () =>
    withoutUncaughtErrors(async () => {
      class Wild extends ScoreRoom {
        override onCreate(): void {
          this.onMessage("*", () => Promise.reject(new Error("oops")) as unknown as void);
        }
      }
      await using server = await startTestServer({ rooms: { wild: Wild } });
      const client = await server.joinFrames("wild");
      client.sendMessage("anything", 1);
      await client.intent("anything", 1);
      await ping(client);
      assert.equal(client.closed, undefined);
    }));

  it("an onTick that throws: the tick's patch and replies leave all the same", () =>
    withoutUncaughtErrors(async () => {
      class Stumbling extends ScoreRoom {
        override messages = { add: () => (this.state.value += 1) };
        override onTick(): void {
          throw new Error("oops");
        }
      }
      await using server = await startTestServer({ rooms: { stumbling: Stumbling } });
      const client = await server.joinFrames("stumbling");
      assert.deepEqual(await client.intent("add", null), { status: 0, payload: 1 });
      assert.equal((client.state as Score).value, 1);
    }));

  it("a lingering room whose onCreate takes longer than it lingers", () =>
    withoutUncaughtErrors(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      class Slow extends ScoreRoom {
        override lingerMs = 1_000;
        override onCreate(): Promise<void> {
          return promise;
        }
      }
      const clock = new FakeClock();
      await using server = await startTestServer({ rooms: { slow: Slow }, clock });
      const joining = server.reserveSeat("slow");
      await waitUntil(() => clock.pendingTimers > 0, { what: "the room is being created" });
      await clock.advance(5_000);
      resolve();
      const { status, roomId } = await joining;
      assert.equal(status, 200);
      assert.ok(matchMaker.getLocalRoomById(roomId) instanceof Slow);
    }));

  it("frames that are cut short at every byte", () =>
    withoutUncaughtErrors(async () => {
      class Taking extends ScoreRoom {
        override messages = { add: () => (this.state.value += 1) };
      }
      await using server = await startTestServer({ rooms: { taking: Taking } });
      const witness = await server.joinFrames("taking");
      const whole = requestFrame(300, "add", { some: ["payload", 1.5, null] });
      const sendPart = async (byteLength: number): Promise<void> => {
        const client = await server.joinFrames("taking");
        client.send(whole.subarray(0, byteLength));
        client.send(Uint8Array.of(Protocol.PING));
        await waitUntil(() => client.closed ?? client.codes.includes(Protocol.PING));
      };
      const lengths = Array.from({ length: whole.byteLength - 1 }, (_, index) => index + 1);
      await Promise.all(lengths.map(sendPart));
      await ping(witness);
    }));
});

describe("a room that sleeps", () => {
  it("wakes for a `clock.duration` that begins outside of any tick", async () => {
    const clock = new FakeClock();
    await using server = await startTestServer({ rooms: { sleeper: ScoreRoom }, clock });
    const { roomId } = await server.reserveSeat("sleeper");
    const room = localRoom(ScoreRoom, { roomId });
    await clock.advance(1_000);
    assert.equal(clock.pendingTimers, 0);
    const waiting = room.clock.duration(1);
    assert.equal(clock.pendingTimers, 1);
    await waitUntil(() => clock.advance(50).then(() => room.clock.delayed.length === 0));
    await waiting;
  });
});
