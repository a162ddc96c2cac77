import assert from "node:assert/strict";
import { TopicLog } from "../../../../client/react/stores/topic-log.ts";
import type { HistoryMessage, RealtimePayload } from "../../../../shared/events/publication.ts";

function live(id: string, timestamp: number, more: Partial<RealtimePayload> = {}): RealtimePayload {
  const payload = { type: "event", topic: "t", event: "message", data: id, id, timestamp } as const;
  return { ...payload, offset: timestamp, self: false, userId: "user-2", ...more };
}

function stored(id: string, at: number, more: Partial<HistoryMessage> = {}): HistoryMessage {
  const message = { id, room_id: "t", user_id: "user-2", event: "message", data: id };
  return { ...message, created_at: at, cursor: `cursor ${id}`, ...more };
}

function idsOf(log: TopicLog): string {
  return log.messages.map(({ id }) => id).join(" ");
}

describe("TopicLog", () => {
  it("keeps what was heard, in order, each message once", () => {
    const log = new TopicLog(10);
    assert.equal(log.add(live("a", 1)), true);
    assert.equal(log.add(live("b", 2)), true);
    assert.equal(log.add(live("a", 3)), false);
    assert.equal(idsOf(log), "a b");
    assert.equal(log.messages, log.messages);
  });

  it("puts the history in front of what was heard meanwhile, oldest first, and nothing twice", () => {
    const log = new TopicLog(10);
    log.add(live("c", 3));
    log.add(live("e", 5));
    log.addHistory(
      [stored("d", 4), stored("c", 3), stored("b", 2), stored("a", 1)],
      "user-1",
      false,
    );
    log.add(live("f", 6));
    assert.equal(idsOf(log), "a b c d e f");
    assert.equal(log.oldestCursor, "cursor a");
  });

  it("has the stored ones of a millisecond first", () => {
    const log = new TopicLog(10);
    log.add(live("b", 7));
    log.addHistory([stored("a", 7)], undefined, false);
    assert.equal(idsOf(log), "a b");
  });

  it("holds the newest ones, and beside them the older ones that were asked for", () => {
    const log = new TopicLog(3);
    for (let count = 1; count <= 9; count++) log.add(live(`m${count}`, count + 100));
    assert.equal(idsOf(log), "m7 m8 m9");
    log.addHistory([stored("b", 2), stored("a", 1)], undefined, true);
    assert.equal(idsOf(log), "a b m7 m8 m9");
    log.add(live("m10", 110));
    assert.equal(idsOf(log), "b m7 m8 m9 m10");
  });

  it("takes no more memory where nobody looks", () => {
    const log = new TopicLog(2);
    for (let count = 0; count < 1_000; count++) log.add(live(`m${count}`, count));
    assert.equal(idsOf(log), "m998 m999");
  });

  it("shows what became of a message that was edited, and none that was deleted", () => {
    const log = new TopicLog(10);
    log.add(live("a", 1));
    log.add(live("b", 2));
    log.revise(stored("a", 1, { data: "better", edited_at: 9 }));
    log.revise(stored("b", 2, { data: null, deleted_at: 9 }));
    log.revise(stored("unknown", 3, { data: "news", edited_at: 9 }));
    log.addHistory([stored("c", 3, { data: null, deleted_at: 9 })], undefined, false);
    const shown = log.messages.map(({ id, data, editedAt }) => ({ id, data, editedAt }));
    assert.deepEqual(shown, [{ id: "a", data: "better", editedAt: 9 }]);
  });

  it("knows whose messages are this user's, and which are nobody's", () => {
    const log = new TopicLog(10);
    log.addHistory(
      [stored("b", 2, { user_id: "user-1" }), stored("a", 1, { user_id: "" })],
      "user-1",
      false,
    );
    const facts = log.messages.map(({ self, userId }) => [self, userId]);
    assert.deepEqual(facts, [
      [false, undefined],
      [true, "user-1"],
    ]);
  });

  it("begins anew", () => {
    const log = new TopicLog(10);
    log.add(live("a", 1));
    log.clear();
    assert.equal(idsOf(log), "");
    assert.equal(log.add(live("a", 1)), true);
  });
});
