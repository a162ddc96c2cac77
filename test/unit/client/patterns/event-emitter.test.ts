import assert from "node:assert/strict";
import { EventEmitter } from "../../../../client/patterns/event-emitter.ts";
import type { RealtimeEvent } from "../../../../shared/patterns/realtime-event.ts";

function event(type: string, data: unknown = null): RealtimeEvent {
  return { id: "1", type, source: "client", timestamp: new Date(0), data };
}

describe("EventEmitter", () => {
  it("tells observers of a type in the order in which they came, then those of every type", () => {
    const emitter = new EventEmitter();
    const calls: string[] = [];
    emitter.subscribe("*", { update: ({ type }) => calls.push(`every ${type}`) });
    emitter.subscribe("a", { update: () => calls.push("first") });
    emitter.subscribe("a", { update: () => calls.push("second") });
    emitter.emit(event("a"));
    emitter.emit(event("b"));
    assert.deepEqual(calls, ["first", "second", "every a", "every b"]);
  });

  it("takes the same observer twice for one, and on two types for two", () => {
    const emitter = new EventEmitter();
    let calls = 0;
    const observer = { update: () => (calls += 1) };
    emitter.subscribe("a", observer);
    emitter.subscribe("a", observer);
    emitter.subscribe("b", observer);
    emitter.emit(event("a"));
    assert.equal(calls, 1);
    emitter.emit(event("b"));
    assert.equal(calls, 2);
  });

  it("ends with unsubscribe or with what subscribe returned, and can begin again", () => {
    const emitter = new EventEmitter();
    let calls = 0;
    const observer = { update: () => (calls += 1) };
    const off = emitter.subscribe("a", observer);
    off();
    off();
    emitter.emit(event("a"));
    emitter.subscribe("a", observer);
    emitter.unsubscribe("b", observer);
    emitter.emit(event("a"));
    emitter.unsubscribe("a", observer);
    emitter.emit(event("a"));
    assert.equal(calls, 1);
  });

  it("tells nothing more to an observer that was removed while an event is told", () => {
    const emitter = new EventEmitter();
    const calls: string[] = [];
    const late = { update: () => calls.push("late") };
    emitter.subscribe("a", { update: () => emitter.unsubscribe("a", late) });
    emitter.subscribe("a", late);
    emitter.emit(event("a"));
    assert.deepEqual(calls, []);
  });

  it("knows which types have observers", () => {
    const emitter = new EventEmitter();
    assert.equal(emitter.hasObservers("a"), false);
    const off = emitter.subscribe("a", { update: () => undefined });
    assert.deepEqual([emitter.hasObservers("a"), emitter.hasObservers("b")], [true, false]);
    off();
    assert.equal(emitter.hasObservers("a"), false);
  });

  it("hands what an observer throws to its handler", () => {
    const errors: unknown[] = [];
    const emitter = new EventEmitter((error) => errors.push(error));
    let calls = 0;
    emitter.subscribe("a", {
      update: () => {
        throw new Error("an observer's own");
      },
    });
    emitter.subscribe("a", { update: () => (calls += 1) });
    emitter.emit(event("a"));
    assert.deepEqual([calls, String(errors)], [1, "Error: an observer's own"]);
  });
});
