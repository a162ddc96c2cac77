import assert from "node:assert/strict";
import {
  openEvent,
  sealClientEvent,
  sealServerEvent,
} from "../../../../shared/patterns/event-envelope.ts";

const told = { id: "publication-1", event: "users.created", timestamp: 1_000 };
const byAda = { ...told, userId: "ada", sessionId: "session-1" };

describe("what an event is published as", () => {
  it("opens again as the same event, for a client's and for the server's own", () => {
    const draft = { id: "e1", type: "users.created", data: { a: [1] }, metadata: { page: 1 } };
    const { id, type, data, metadata } = draft;
    assert.deepEqual(openEvent({ ...byAda, data: sealClientEvent(draft) }), {
      id,
      type,
      source: "client",
      timestamp: new Date(1_000),
      data,
      metadata,
      clientId: "session-1",
    });
    const own = { ...draft, source: "billing", timestamp: new Date(5) };
    assert.deepEqual(openEvent({ ...told, data: sealServerEvent(own) }), own);
  });

  it("says nothing of source, time and client for a client", () => {
    const claimed = { source: "server", timestamp: new Date(5), clientId: "another" };
    const sealed = sealClientEvent({ type: "a", data: 1, ...claimed });
    assert.deepEqual(sealed, { $patterns: 1, data: 1 });
  });

  it("can be nothing but a type", () => {
    const sealed = sealClientEvent({ type: "a", data: undefined });
    assert.equal(openEvent({ ...byAda, data: sealed })?.data, undefined);
  });
});

describe("openEvent", () => {
  it("takes what somebody published in another way for an event, too", () => {
    for (const data of [null, 7, "text", [1], { text: "hi" }, { $patterns: 2, data: 1 }]) {
      const event = openEvent({ ...told, data });
      assert.deepEqual(event?.data, data);
      assert.deepEqual([event?.id, event?.source], ["publication-1", "server"]);
    }
  });

  it("takes an envelope with anything wrong in it for data", () => {
    for (const wrong of [{ id: 1 }, { metadata: [] }, { source: 5 }, { timestamp: "now" }]) {
      const data = { $patterns: 1, data: "x", ...wrong };
      assert.deepEqual(openEvent({ ...byAda, data })?.data, data);
    }
  });

  it("believes no client that says it is the server, or that speaks of connections", () => {
    const data = { $patterns: 1, data: "x", source: "server", timestamp: 5 };
    const event = openEvent({ ...byAda, data });
    assert.deepEqual([event?.source, event?.timestamp.getTime()], ["client", 1_000]);
    assert.equal(openEvent({ ...byAda, event: "connection.established", data }), undefined);
    assert.equal(openEvent({ ...told, event: "connection.established", data })?.data, "x");
  });

  it("makes events that no observer can change for the others", () => {
    assert.ok(Object.isFrozen(openEvent({ ...told, data: 1 })));
  });
});
