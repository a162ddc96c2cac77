import assert from "node:assert/strict";
import {
  ChannelPresence,
  type PresenceSession,
} from "../../../../server/channels/channel-presence.ts";
import type { PresenceEvent } from "../../../../shared/events/presence-event.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

describe("ChannelPresence", () => {
  let clock: FakeClock;
  let presence: ChannelPresence;
  let events: PresenceEvent[];
  let ada: PresenceSession;
  let adasPhone: PresenceSession;

  beforeEach(() => {
    clock = new FakeClock();
    events = [];
    presence = new ChannelPresence(clock, (event) => events.push(event));
    ada = { sessionId: "ada-1", userId: "ada" };
    adasPhone = { sessionId: "ada-2", userId: "ada" };
  });

  /** What was told since the last call. */
  function told(): PresenceEvent[] {
    return events.splice(0);
  }

  function names(): string[] {
    return told().map(({ event, data }) => `${event} ${String(data["at"])}`);
  }

  it("tells a join with the first session, with everything that belongs to it", () => {
    presence.track(ada, { name: "Ada" });
    assert.deepEqual(told(), [
      {
        event: "presence:join",
        data: { name: "Ada", userId: "ada" },
        sessionId: "ada-1",
        timestamp: clock.now(),
      },
    ]);
    assert.deepEqual(presence.members(), [{ name: "Ada", userId: "ada" }]);
    assert.ok(!presence.isEmpty);
  });

  it("overwrites the user and the session that a state claims to be of", () => {
    presence.track(ada, { userId: "bob", name: "Bob" });
    assert.deepEqual(presence.members(), [{ userId: "ada", name: "Bob" }]);
    presence.close();
    presence.track(ada, { userId: "bob", sessionId: "bob-1" });
    assert.deepEqual(presence.members(), [{ userId: "ada", sessionId: "ada-1" }]);
  });

  it("overwrites the time that a state claims, which makes the same state no other one", async () => {
    const since = clock.now();
    presence.track(ada, { at: 1, timestamp: 5 });
    assert.deepEqual(presence.members(), [{ at: 1, timestamp: since, userId: "ada" }]);
    told();
    await clock.advance(1_000);
    presence.track(ada, { at: 1, timestamp: 6 });
    assert.deepEqual(told(), []);
    presence.track(ada, { at: 2, timestamp: 6 });
    assert.deepEqual(presence.members(), [{ at: 2, timestamp: clock.now(), userId: "ada" }]);
  });

  it("leaves out the id and the offset that a state claims: only publications have them", () => {
    presence.track(ada, { id: "1", offset: 99, name: "Ada" });
    assert.deepEqual(presence.members(), [{ name: "Ada", userId: "ada" }]);
  });

  it("tells another state as an update with the old one, never as a leave and a join", async () => {
    presence.track(ada, { at: 1 });
    told();
    await clock.advance(1_000);
    presence.track(ada, { at: 2 });
    assert.deepEqual(told(), [
      {
        event: "presence:update",
        data: { at: 2, userId: "ada" },
        old: { at: 1, userId: "ada" },
        sessionId: "ada-1",
        timestamp: clock.now(),
      },
    ]);
  });

  it("tells nothing of a state that is shown already", async () => {
    presence.track(ada, { at: 1 });
    told();
    await clock.advance(1_000);
    presence.track(ada, { at: 1 });
    await clock.advance(1_000);
    assert.deepEqual(told(), []);
  });

  it("counts a user with two sessions once, until both are gone", async () => {
    presence.track(ada, { at: 1 });
    presence.track(adasPhone, { at: 2 });
    assert.deepEqual(names(), ["presence:join 1", "presence:update 2"]);
    assert.deepEqual(presence.members(), [{ at: 2, userId: "ada" }]);
    await clock.advance(100);
    presence.untrack(adasPhone);
    assert.deepEqual(names(), ["presence:update 1"]);
    presence.untrack(ada);
    const [leave] = told();
    assert.deepEqual(leave, {
      event: "presence:leave",
      data: { at: 1, userId: "ada" },
      reason: "left",
      sessionId: "ada-1",
      timestamp: clock.now(),
    });
    assert.ok(presence.isEmpty);
  });

  it("shows what was tracked last of what is left when the latest session goes", async () => {
    const adasTablet = { sessionId: "ada-3", userId: "ada" };
    for (const [at, session] of [ada, adasPhone, adasTablet].entries()) {
      presence.track(session, { at });
      await clock.advance(200);
    }
    presence.track(ada, { at: 3 });
    await clock.advance(100);
    presence.untrack(ada);
    presence.untrack(adasPhone);
    assert.deepEqual(names().slice(3), ["presence:update 3", "presence:update 2"]);
  });

  it("says nothing when a session goes that was not the one that is shown", async () => {
    presence.track(ada, { at: 1 });
    await clock.advance(1);
    presence.track(adasPhone, { at: 2 });
    told();
    presence.untrack(ada);
    assert.deepEqual(told(), []);
  });

  it("tells ten updates a second at most, and the latest state always", async () => {
    presence.track(ada, { at: 0 });
    for (let at = 1; at <= 1_000; at += 1) {
      presence.track(ada, { at });
      await clock.advance(1);
    }
    await clock.advance(100);
    const states = told().map(({ data }) => data["at"]);
    assert.equal(states.length, 11);
    assert.equal(states[0], 0);
    assert.equal(states.at(-1), 1_000);
    assert.deepEqual(presence.members(), [{ at: 1_000, userId: "ada" }]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("tells ten changes a second at most of a session that comes and goes all the time", async () => {
    for (const last of ["track", "untrack"] as const) {
      for (let at = 1; at <= 1_000; at += 1) {
        presence.track(ada, { at });
        presence.untrack(ada);
        if (at % 2 === 0) await clock.advance(1);
      }
      presence[last](ada, { at: "last" });
      await clock.advance(200);
      const changes = names();
      assert.ok(changes.length > 0 && changes.length <= 8, `${changes.length} changes`);
      assert.deepEqual(presence.members().length, last === "track" ? 1 : 0);
      if (last === "track") assert.match(changes.at(-1)!, / last$/);
      else assert.match(changes.at(-1)!, /^presence:leave/);
    }
    assert.equal(clock.pendingTimers, 0);
    assert.ok(presence.isEmpty);
  });

  it("tells nothing of a session that goes and comes back as it was, within the interval", async () => {
    presence.track(ada, { at: 1 });
    presence.untrack(ada);
    assert.ok(!presence.has(ada));
    presence.track(ada, { at: 1 });
    assert.ok(presence.has(ada));
    await clock.advance(1_000);
    assert.deepEqual(names(), ["presence:join 1"]);
  });

  it("is not empty while somebody is about to come back", async () => {
    presence.track(ada, { at: 1 });
    await clock.advance(100);
    presence.untrack(ada);
    assert.ok(presence.isEmpty);
    presence.track(ada, { at: 2 });
    assert.ok(!presence.isEmpty);
    await clock.advance(100);
    assert.deepEqual(names(), ["presence:join 1", "presence:leave 1", "presence:join 2"]);
  });

  it("tells at once that a session is over, whatever waits", async () => {
    presence.track(ada, { at: 1 });
    presence.track(ada, { at: 2 });
    presence.leave({ ...ada });
    assert.deepEqual(names(), ["presence:join 1"]);
    presence.leave(ada);
    assert.deepEqual(names(), ["presence:leave 1"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("goes through with an untrack that waited when the connection was lost", async () => {
    presence.track(ada, { at: 1 });
    presence.untrack(ada);
    presence.suspend(ada);
    await clock.advance(100);
    assert.deepEqual(names(), ["presence:join 1", "presence:leave 1"]);
    await clock.advance(100);
    assert.equal(clock.pendingTimers, 0);
  });

  it("tells nothing when a state comes back before its change was told", async () => {
    presence.track(ada, { at: 1 });
    presence.track(ada, { at: 2 });
    presence.track(ada, { at: 1 });
    await clock.advance(1_000);
    assert.deepEqual(names(), ["presence:join 1"]);
  });

  it("lets sessions wait for themselves only", () => {
    presence.track(ada, { at: 1 });
    presence.track({ sessionId: "bob-1", userId: "bob" }, { at: 2 });
    assert.deepEqual(names(), ["presence:join 1", "presence:join 2"]);
  });

  it("waits no longer than the interval when the machine's time is set back", () => {
    presence.track(ada, { at: 1 });
    let delayMs: number | undefined;
    const setBack = {
      now: () => clock.now() - 3_600_000,
      schedule: (ms: number, callback: () => void) => {
        delayMs = ms;
        return clock.schedule(ms, callback);
      },
    };
    let now = clock.now();
    const moving = { ...setBack, now: () => now };
    presence = new ChannelPresence(moving, (event) => events.push(event));
    presence.track(ada, { at: 1 });
    now = setBack.now();
    presence.track(ada, { at: 2 });
    assert.equal(delayMs, 100);
  });

  it("takes a lost connection for a leave after 10 s, and says that it was lost", async () => {
    presence.track(ada, { at: 1 });
    told();
    presence.suspend(ada);
    await clock.advance(9_999);
    assert.deepEqual(told(), []);
    assert.deepEqual(presence.members(), [{ at: 1, userId: "ada" }]);
    await clock.advance(1);
    assert.deepEqual(
      told().map(({ event, reason }) => [event, reason]),
      [["presence:leave", "lost"]],
    );
    assert.ok(presence.isEmpty);
  });

  it("tells nothing of a user who comes back in time, under the same session", async () => {
    presence.track(ada, { at: 1 });
    presence.suspend(ada);
    await clock.advance(9_999);
    presence.track({ ...ada }, { at: 1 });
    await clock.advance(60_000);
    assert.deepEqual(names(), ["presence:join 1"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("tells nothing of a user who comes back in time, under another session", async () => {
    presence.track(ada, { at: 1 });
    presence.suspend(ada);
    await clock.advance(5_000);
    presence.track(adasPhone, { at: 1 });
    await clock.advance(60_000);
    assert.deepEqual(names(), ["presence:join 1"]);
    presence.untrack(adasPhone);
    assert.deepEqual(names(), ["presence:leave 1"]);
  });

  it("shows a change that was waiting when the connection was lost", async () => {
    presence.track(ada, { at: 1 });
    presence.track(ada, { at: 2 });
    presence.suspend(ada);
    await clock.advance(100);
    assert.deepEqual(names(), ["presence:join 1", "presence:update 2"]);
  });

  it("shows what another session shows when a lost one is given up", async () => {
    presence.track(ada, { at: 1 });
    await clock.advance(200);
    presence.track(adasPhone, { at: 2 });
    presence.suspend(adasPhone);
    told();
    await clock.advance(10_000);
    assert.deepEqual(names(), ["presence:update 1"]);
  });

  it("counts the grace anew from each loss, also when it is told twice of one", async () => {
    presence.track(ada, { at: 1 });
    presence.suspend(ada);
    await clock.advance(6_000);
    presence.suspend(ada);
    await clock.advance(6_000);
    assert.deepEqual(names(), ["presence:join 1"]);
    await clock.advance(4_000);
    assert.deepEqual(names(), ["presence:leave 1"]);
  });

  it("does not listen to a connection that another one has taken the place of", async () => {
    const later = { ...ada };
    presence.track(ada, { at: 1 });
    presence.track(later, { at: 1 });
    told();
    presence.suspend(ada);
    presence.untrack(ada);
    await clock.advance(60_000);
    assert.deepEqual(told(), []);
    assert.ok(presence.has(later));
    assert.ok(!presence.has(ada));
  });

  it("lets a session take back what its lost connection has left behind", async () => {
    presence.track(ada, { at: 1 });
    presence.suspend(ada);
    told();
    await clock.advance(100);
    presence.untrack({ ...ada });
    assert.deepEqual(
      told().map(({ event, reason }) => [event, reason]),
      [["presence:leave", "left"]],
    );
    await clock.advance(100);
    assert.equal(clock.pendingTimers, 0);
  });

  it("takes nothing amiss of a session that tracked nothing", () => {
    presence.untrack(ada);
    presence.suspend(ada);
    assert.deepEqual(told(), []);
    assert.equal(clock.pendingTimers, 0);
  });

  it("leaves no timer and tells nothing when it is closed", async () => {
    presence.track(ada, { at: 1 });
    presence.track(ada, { at: 2 });
    presence.track(adasPhone, { at: 3 });
    presence.suspend(adasPhone);
    told();
    presence.close();
    assert.equal(clock.pendingTimers, 0);
    await clock.advance(60_000);
    assert.deepEqual(told(), []);
    assert.ok(presence.isEmpty);
  });
});
