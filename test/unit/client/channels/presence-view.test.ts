import assert from "node:assert/strict";
import { PresenceView } from "../../../../client/channels/presence-view.ts";
import type { PresenceEvent, PresenceEventName } from "../../../../shared/events/presence-event.ts";

function event(name: PresenceEventName, userId: string, x = 1): PresenceEvent {
  return { event: name, data: { userId, x }, sessionId: "s", timestamp: 1 };
}

describe("PresenceView", () => {
  it("takes a join of somebody whom it knows for what it changes", () => {
    const view = new PresenceView();
    assert.equal(view.apply(event("presence:join", "a"))?.event, "presence:join");
    assert.equal(view.apply(event("presence:join", "a")), undefined);
    const change = view.apply(event("presence:join", "a", 2));
    assert.equal(change?.event, "presence:update");
    assert.deepEqual(change?.old, { userId: "a", x: 1 });
  });

  it("takes an update of somebody whom it does not know for a join", () => {
    const view = new PresenceView();
    const update = { ...event("presence:update", "a", 2), old: { userId: "a", x: 1 } };
    const change = view.apply(update);
    assert.equal(change?.event, "presence:join");
    assert.deepEqual(change?.data, { userId: "a", x: 2 });
  });

  it("says nothing when somebody leaves whom it does not know", () => {
    assert.equal(new PresenceView().apply(event("presence:leave", "a")), undefined);
  });

  it("tells how the server's list differs from what it knew: leaves first", () => {
    const view = new PresenceView();
    for (const id of ["a", "b", "c"]) view.apply(event("presence:join", id));
    const changes = view.replace([
      { userId: "b", x: 1 },
      { userId: "c", x: 2 },
      { userId: "d", x: 1 },
    ]);
    assert.deepEqual(
      changes.map(({ event: name, data, old }) => [name, data.userId, old?.["x"]]),
      [
        ["presence:leave", "a", undefined],
        ["presence:update", "c", 1],
        ["presence:join", "d", undefined],
      ],
    );
    assert.deepEqual([...view.members.keys()], ["b", "c", "d"]);
  });

  it("keeps names like __proto__ apart", () => {
    const view = new PresenceView();
    for (const id of ["__proto__", "constructor"]) view.apply(event("presence:join", id));
    assert.deepEqual([...view.members.keys()], ["__proto__", "constructor"]);
  });
});
