import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ChannelPresence,
  type PresenceSession,
} from "../../../../server/channels/channel-presence.ts";
import type { PresenceEvent, PresenceState } from "../../../../shared/events/presence-event.ts";
import { PRESENCE_GRACE_MS, PRESENCE_INTERVAL_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const SESSIONS: readonly PresenceSession[] = [
  { sessionId: "a-1", userId: "ada" },
  { sessionId: "a-2", userId: "ada" },
  { sessionId: "b-1", userId: "bob" },
];

/** What sessions do, and how long it is until the next thing. */
const steps = fc.array(
  fc.record({
    session: fc.nat({ max: SESSIONS.length - 1 }),
    act: fc.constantFrom("track", "track", "untrack", "suspend", "leave"),
    at: fc.nat({ max: 3 }),
    waitMs: fc.constantFrom(0, 0, 0, 1, 30, 99, 100, 101, 5_000),
  }),
  { maxLength: 60 },
);

/** Applies events as a subscriber does, who takes nothing amiss that fits what it knows. */
function tell(members: Map<string, PresenceState>, { event, data, old }: PresenceEvent): void {
  const known = members.get(data.userId);
  if (event === "presence:join") assert.equal(known, undefined, "a second join");
  else assert.notEqual(known, undefined, `a ${event} of somebody who is not here`);
  if (event === "presence:update") assert.deepEqual(old, known);
  if (event === "presence:leave") members.delete(data.userId);
  else members.set(data.userId, data);
}

describe("ChannelPresence, whatever sessions do", () => {
  it("tells what fits together, seldom enough, and in the end what is true", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (acts) => {
        const clock = new FakeClock();
        const told = new Map<string, PresenceState>();
        const wanted = new Map<PresenceSession, number>();
        let changes = 0;
        const startedAt = clock.now();
        const presence = new ChannelPresence(clock, (event) => {
          tell(told, event);
          changes += 1;
        });
        const hasLeft = new Set<PresenceSession>();
        for (const { session: index, act, at, waitMs } of acts) {
          const session = SESSIONS[index]!;
          // A session that is over does nothing any more.
          if (!hasLeft.has(session)) {
            if (act === "track") presence.track(session, { at });
            else presence[act](session);
            if (act === "track") wanted.set(session, at);
            else wanted.delete(session);
            if (act === "leave") hasLeft.add(session);
          }
          await clock.advance(waitMs);
          const members = presence.members();
          assert.deepEqual(new Set(members), new Set(told.values()));
        }
        const endedAt = clock.now() + PRESENCE_INTERVAL_MS;
        await clock.advance(PRESENCE_GRACE_MS + PRESENCE_INTERVAL_MS);
        const users = new Set([...wanted.keys()].map(({ userId }) => userId));
        assert.deepEqual(new Set(told.keys()), users);
        for (const [session, at] of wanted) {
          const others = SESSIONS.filter((each) => each !== session && wanted.has(each));
          if (others.some(({ userId }) => userId === session.userId)) continue;
          assert.equal(told.get(session.userId)?.["at"], at);
        }
        const intervals = Math.ceil((endedAt - startedAt) / PRESENCE_INTERVAL_MS) + 1;
        assert.ok(changes <= SESSIONS.length * intervals + hasLeft.size, `${changes} changes`);
        assert.equal(clock.pendingTimers, 0);
      }),
      { numRuns: 500 },
    );
  });
});
