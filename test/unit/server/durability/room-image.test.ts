import assert from "node:assert/strict";
import { compactRoom } from "../../../../server/durability/compact-room.ts";
import { RoomImage } from "../../../../server/durability/room-image.ts";
import {
  packContent,
  type SavedSeat,
  type TickContent,
} from "../../../../server/durability/tick-content.ts";
import type { RoomRecord } from "../../../../server/persistence/room-store.ts";

const EMPTY: TickContent = {
  tick: 1,
  at: 1_000_000,
  version: 1,
  state: undefined,
  intents: [],
  cooldowns: [],
  seats: [],
  goneSeats: [],
};

function record(tick: number, content: Partial<TickContent>): RoomRecord {
  return { tick, bytes: packContent({ ...EMPTY, tick: tick * 10, ...content }) };
}

function seat(sessionId: string): SavedSeat {
  const user = { id: `user-${sessionId}`, name: sessionId };
  return { sessionId, user, tokenHash: "h", isOurs: true, hasToken: false, expiresAt: undefined };
}

function imageOf(...ticks: RoomRecord[]): RoomImage {
  return RoomImage.read({ snapshot: undefined, ticks, isWhole: true });
}

describe("RoomImage", () => {
  it("goes on behind the last record, at the room's own tick and version", () => {
    const image = imageOf(record(1, {}), record(2, { version: 3 }));
    assert.deepEqual([image.sequence, image.tick, image.version], [2, 20, 3]);
  });

  it("has the seats of those who came and did not go", () => {
    const image = imageOf(
      record(1, { seats: [seat("ada"), seat("bob")] }),
      record(2, { goneSeats: ["ada"], seats: [seat("cyd")] }),
    );
    assert.deepEqual(
      image.seats.map(({ sessionId }) => sessionId),
      ["bob", "cyd"],
    );
  });

  it("remembers an intent for ten minutes of the room's time, with its reply", () => {
    const intent = { userId: "ada", intentId: "i-1", at: 1_000_000, reply: { waitMs: 5 } };
    const first = record(1, { intents: [intent] });
    const atEnd = imageOf(first, record(2, { at: 1_600_000 }));
    assert.deepEqual(atEnd.intents, [intent]);
    assert.deepEqual(imageOf(first, record(2, { at: 1_600_001 })).intents, []);
  });

  it("has the waits that are not over, each as it was set last", () => {
    const wait = (until: number): TickContent["cooldowns"][number] => ({
      name: "place",
      userId: "ada",
      until,
    });
    const first = record(1, { cooldowns: [wait(1_005_000)] });
    assert.deepEqual(imageOf(first).cooldowns, [wait(1_005_000)]);
    assert.deepEqual(imageOf(first, record(2, { cooldowns: [wait(0)] })).cooldowns, []);
    assert.deepEqual(imageOf(first, record(2, { at: 1_005_000 })).cooldowns, []);
  });

  it("has the room's own messages of the last two minutes, and where they stand", () => {
    const message = (offset: number, timestamp: number): object => ({
      id: `${offset}`,
      event: "shout",
      data: '"hi"',
      timestamp,
      offset,
      bytes: 4,
    });
    const stream = (offset: number, timestamp: number): TickContent["stream"] => ({
      epoch: "e",
      offset,
      messages: [message(offset, timestamp)] as never,
    });
    const image = imageOf(
      record(1, { at: 1_000_000, stream: stream(1, 1_000_000) }),
      record(2, { at: 1_120_001, stream: stream(2, 1_120_001) }),
    );
    assert.deepEqual(image.stream, stream(2, 1_120_001));
  });

  it("is the same whether it is read from its ticks or from what they were compacted to", () => {
    const ticks = [
      record(1, {
        seats: [seat("ada"), seat("bob")],
        stream: { epoch: "e", offset: 0, messages: [] },
      }),
      record(2, {
        goneSeats: ["bob"],
        cooldowns: [{ name: "x", userId: "ada", until: 2_000_000 }],
      }),
      record(3, { intents: [{ userId: "ada", intentId: "i-1", at: 1_000_000, reply: undefined }] }),
    ];
    const whole = imageOf(...ticks);
    const snapshot = compactRoom(undefined, ticks.slice(0, 2));
    const again = RoomImage.read({ snapshot, ticks: ticks.slice(2), isWhole: true });
    for (const key of ["sequence", "tick", "seats", "cooldowns", "intents", "stream"] as const) {
      assert.deepEqual(again[key], whole[key], key);
    }
  });

  it("refuses a layout that it does not know", () => {
    const bytes = packContent(EMPTY);
    // The second byte is the layout's number, behind the array's head.
    bytes[1] = 99;
    assert.throws(() => imageOf({ tick: 1, bytes }), { code: "state-incompatible" });
  });
});
