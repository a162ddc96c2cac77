import assert from "node:assert/strict";
import { Channel } from "../../../../server/channels/channel.ts";
import { ChannelLog } from "../../../../server/channels/channel-log.ts";
import type { WireMessage } from "../../../../shared/protocol/channel-messages.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedSubscriber } from "../../../support/recorded-subscriber.ts";

describe("Channel", () => {
  let clock: FakeClock;
  let channel: Channel;
  const ada = () => new RecordedSubscriber("ada");
  const bob = () => new RecordedSubscriber("bob");

  beforeEach(() => {
    clock = new FakeClock();
    channel = new Channel("chat/general", new ChannelLog(clock), clock);
  });

  afterEach(() => channel.presence.close());

  function publish(id: string, except?: string): void {
    const publication = { id, event: "message", data: JSON.stringify(id), timestamp: clock.now() };
    channel.announce(channel.log.append(publication, 1), except);
  }

  it("tells every subscriber the same bytes, in order", () => {
    const [first, second] = [ada(), bob()];
    channel.subscribe(first);
    channel.subscribe(second);
    publish("a");
    publish("b");
    assert.deepEqual(first.publications, [
      { id: "a", event: "message", data: "a", timestamp: clock.now(), offset: 1 },
      { id: "b", event: "message", data: "b", timestamp: clock.now(), offset: 2 },
    ]);
    assert.equal(first.frames[0], second.frames[0]);
    assert.ok(first.news.every(({ topic }) => topic === "chat/general"));
  });

  it("tells nothing to a session that asked for no echo of its own", () => {
    const [first, second] = [ada(), bob()];
    channel.subscribe(first);
    channel.subscribe(second);
    publish("a", first.sessionId);
    assert.equal(first.frames.length, 0);
    assert.equal(second.frames.length, 1);
  });

  it("answers a new subscriber with the position, and nothing of what was before", () => {
    publish("a");
    assert.deepEqual(channel.subscribe(ada()), {
      position: channel.log.position,
      publications: [],
      revisions: [],
      members: [],
    });
  });

  it("answers one who was away with what it missed", () => {
    const { epoch } = channel.log.position;
    publish("a");
    publish("b");
    const { recovered, publications, position } = channel.subscribe(ada(), { epoch, offset: 1 });
    assert.equal(recovered, true);
    assert.deepEqual(
      publications.map(({ id }) => id),
      ["b"],
    );
    assert.deepEqual(position, { epoch, offset: 2 });
  });

  it("says that something is gone when the position is none of this epoch", () => {
    const answer = channel.subscribe(ada(), { epoch: "another", offset: 0 });
    assert.equal(answer.recovered, false);
    assert.deepEqual(answer.publications, []);
  });

  it("names the members to a new subscriber", () => {
    channel.presence.track(ada(), { name: "Ada" });
    assert.deepEqual(channel.subscribe(bob()).members, ['{"name":"Ada","userId":"ada"}']);
  });

  it("tells presence to subscribers, also their own", () => {
    const session = ada();
    channel.subscribe(session);
    channel.presence.track(session, { name: "Ada" });
    assert.deepEqual(
      session.presence.map(({ event, data }) => [event, data]),
      [["presence:join", { name: "Ada", userId: "ada" }]],
    );
  });

  it("tells one who has unsubscribed nothing more; unsubscribing twice is no matter", () => {
    const session = ada();
    channel.subscribe(session);
    channel.unsubscribe(session);
    channel.unsubscribe(session);
    publish("a");
    assert.equal(session.frames.length, 0);
    assert.ok(!channel.has(session));
  });

  it("keeps the later connection of a session when an earlier one ends late", () => {
    const [earlier, later] = [ada(), ada()];
    channel.subscribe(earlier);
    channel.subscribe(later);
    channel.unsubscribe(earlier);
    publish("a");
    assert.equal(later.frames.length, 1);
    assert.equal(earlier.frames.length, 0);
  });

  it("tells only one whose subscription ends, and why, as the last thing", () => {
    const [first, second] = [ada(), bob()];
    channel.subscribe(first);
    channel.subscribe(second);
    const error = { code: "not-allowed", message: "no more" } as const;
    channel.end(first, error);
    publish("a");
    assert.deepEqual(first.news, [{ kind: "ended", topic: "chat/general", error }]);
    assert.equal(second.news.length, 1);
  });

  it("tells a revision, and replays the message as it is now", () => {
    const session = ada();
    channel.subscribe(session);
    publish("a");
    const message = { id: "a", room_id: "chat/general", data: '"better"' } as WireMessage;
    channel.announceRevision(message);
    assert.deepEqual(session.news.at(-1), {
      kind: "revision",
      topic: "chat/general",
      revision: { offset: 2, message: { ...message, data: "better" } },
    });
    const since = { ...channel.log.position, offset: 0 };
    const missed = channel.subscribe(bob(), since);
    assert.equal(missed.publications[0]?.data, '"better"');
    assert.deepEqual(missed.revisions, [{ offset: 2, message }]);
    channel.announceRevision({ ...message, data: "null", deleted_at: clock.now() });
    const later = channel.subscribe(bob(), since);
    assert.deepEqual(later.publications, []);
    assert.deepEqual(
      later.revisions.map(({ offset }) => offset),
      [3],
    );
  });

  it("is used while somebody is subscribed or present", () => {
    const session = ada();
    assert.ok(!channel.isUsed);
    channel.subscribe(session);
    assert.ok(channel.isUsed);
    channel.presence.track(session, {});
    channel.unsubscribe(session);
    assert.ok(channel.isUsed);
    channel.presence.leave(session);
    assert.ok(!channel.isUsed);
  });
});
