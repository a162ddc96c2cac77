import assert from "node:assert/strict";
import { connect } from "../../../client/connect.ts";
import type { JoinedRoom } from "../../../client/joined-room.ts";
import { CHECKSUM_TYPE, RESYNC_TYPE } from "../../../shared/protocol/state-check.ts";
import { stateChecksum } from "../../../shared/state/state-checksum.ts";
import { SentScope } from "../../../shared/state/state-scope.ts";
import { FakeClient, type FakeRoomType, Player } from "../../support/fake-client.ts";
import type { FakeRequest } from "../../support/fake-room.ts";

const EVERY_MS = 5_000;

/** A joined room whose server compares states as ours does. */
async function join(client: FakeClient): Promise<JoinedRoom<FakeRoomType>> {
  client.server.room.onRequest = (request) => answer(client, request);
  client.state.players.set("ada", new Player().assign({ x: 1 }));
  return client.join();
}

function answer(client: FakeClient, { type, seat }: FakeRequest): unknown {
  if (type === RESYNC_TYPE) client.server.room.sendFullState(seat);
  if (type !== CHECKSUM_TYPE) return null;
  const scope = new SentScope(client.state);
  return { tick: 1, ...stateChecksum(client.state, scope), ...scope.limits };
}

function asked(client: FakeClient): string[] {
  return client.server.room.requests.map(({ type }) => type);
}

describe("JoinedRoom.verifyState", () => {
  it("resolves with true when the state is the room's, and fetches nothing", async () => {
    const client = new FakeClient();
    const room = await join(client);
    assert.equal(await room.verifyState(), true);
    assert.deepEqual(asked(client), [CHECKSUM_TYPE]);
    assert.equal(room.traffic.resyncs, 0);
  });

  it("resolves with false once a wrong state was replaced in place, and counts it", async () => {
    const client = new FakeClient();
    const room = await join(client);
    const { state } = room;
    const ada = state.players.get("ada")!;
    ada.x = 99;
    assert.equal(await room.verifyState(), false);
    assert.deepEqual(asked(client), [CHECKSUM_TYPE, RESYNC_TYPE]);
    assert.equal(ada.x, 1);
    assert.equal(room.state, state);
    assert.equal(room.traffic.resyncs, 1);
    assert.equal(await room.verifyState(), true);
    assert.equal(room.traffic.resyncs, 1);
  });

  it("compares the state that the answer is about, whatever arrives right behind it", async () => {
    const client = new FakeClient();
    const room = await join(client);
    const { room: server } = client.server;
    server.onRequest = (request) => {
      queueMicrotask(() => server.tick());
      const reply = answer(client, request);
      client.state.count += 1;
      return reply;
    };
    assert.equal(await room.verifyState(), true);
    assert.equal(room.state.count, 1);
  });

  it("is one check for everybody who asks during it", async () => {
    const client = new FakeClient();
    const room = await join(client);
    assert.deepEqual(await Promise.all([room.verifyState(), room.verifyState()]), [true, true]);
    assert.deepEqual(asked(client), [CHECKSUM_TYPE]);
    await room.verifyState();
    assert.equal(asked(client).length, 2);
  });

  it("rejects with the room's refusal, and leaves the state alone", async () => {
    const client = new FakeClient();
    const room = await join(client);
    const { room: server } = client.server;
    server.onRequest = undefined;
    const refusal = { code: "rate-limited", message: "wait", retryAfterMs: 900 } as const;
    const verified = assert.rejects(room.verifyState(), refusal);
    await client.settle();
    server.reject(server.requests[0]!, refusal);
    await verified;
    assert.deepEqual(asked(client), [CHECKSUM_TYPE]);
  });

  for (const reply of [null, 7, {}, { checksum: 1, refs: 1, uncompared: [7], hidden: [] }]) {
    it(`rejects with "frame-malformed" when the answer is ${JSON.stringify(reply)}`, async () => {
      const client = new FakeClient();
      const room = await join(client);
      client.server.room.onRequest = () => reply;
      await assert.rejects(room.verifyState(), { code: "frame-malformed" });
      assert.equal(room.isConnected, true);
    });
  }

  it("asks again after a rejoin, and compares the state of the new connection", async () => {
    const client = new FakeClient();
    const room = await join(client);
    const { room: server } = client.server;
    server.onRequest = undefined;
    const verified = room.verifyState();
    await client.settle();
    client.server.drop();
    server.onRequest = (request) => answer(client, request);
    client.state.count = 5;
    await client.clock.advance(2_000);
    assert.equal(await verified, true);
    assert.equal(room.state.count, 5);
  });

  it('rejects with "unknown-message" in a plain Colyseus room, without a request', async () => {
    const client = new FakeClient();
    client.server.room.saysHello = false;
    const room = await join(client);
    await assert.rejects(room.verifyState(), { code: "unknown-message" });
    assert.deepEqual(asked(client), []);
  });

  it("has nothing to ask in a room without a state", async () => {
    const client = new FakeClient();
    client.server.room.hasState = false;
    const room = await join(client);
    assert.equal(await room.verifyState(), true);
    assert.deepEqual(asked(client), []);
  });
});

describe("verifyStateEveryMs", () => {
  it("is off by default", async () => {
    const client = new FakeClient();
    await join(client);
    await client.clock.advance(3_600_000);
    assert.deepEqual(asked(client), []);
  });

  it("heals a wrong state by itself, about as often as it says", async () => {
    const client = new FakeClient({ verifyStateEveryMs: EVERY_MS });
    const room = await join(client);
    room.state.count = 77;
    await client.clock.advance(EVERY_MS * 0.9 - 1);
    assert.equal(room.state.count, 77);
    await client.clock.advance(EVERY_MS * 0.2 + 1);
    assert.equal(room.state.count, 0);
    assert.equal(room.traffic.resyncs, 1);
    await client.clock.advance(EVERY_MS * 100);
    const checks = asked(client).filter((type) => type === CHECKSUM_TYPE).length;
    assert.ok(checks > 95 && checks < 107, `${checks} checks`);
  });

  it("rests while the connection is lost, and ends with the room", async () => {
    const client = new FakeClient({ verifyStateEveryMs: EVERY_MS });
    const room = await join(client);
    client.server.intercept = () => new Promise(() => undefined);
    client.server.drop();
    await client.clock.advance(EVERY_MS * 2);
    assert.deepEqual(asked(client), []);
    client.realtime.disconnect();
    await client.settle();
    assert.equal(client.clock.pendingTimers, 0);
    assert.equal(room.isConnected, false);
  });

  it("goes on after a rejoin", async () => {
    const client = new FakeClient({ verifyStateEveryMs: EVERY_MS });
    const room = await join(client);
    const rejoined = new Promise<void>((resolve) => room.onRejoin(resolve));
    client.server.drop();
    await client.clock.advance(2_000);
    await rejoined;
    await client.clock.advance(EVERY_MS * 1.2);
    assert.deepEqual(asked(client), [CHECKSUM_TYPE]);
  });

  it("waits for as long as a refusal says, and tells nobody", async () => {
    const client = new FakeClient({ verifyStateEveryMs: EVERY_MS });
    const room = await join(client);
    const errors: unknown[] = [];
    room.onError((error) => errors.push(error));
    const { room: server } = client.server;
    server.onRequest = undefined;
    await client.clock.advance(EVERY_MS * 1.1);
    const refusal = { code: "rate-limited", message: "wait", retryAfterMs: 60_000 } as const;
    server.reject(server.requests[0]!, refusal);
    await client.clock.advance(54_000 - 1);
    assert.equal(asked(client).length, 1);
    await client.clock.advance(12_001);
    assert.equal(asked(client).length, 2);
    assert.deepEqual(errors, []);
  });

  for (const verifyStateEveryMs of [0, -1, Number.NaN]) {
    it(`refuses ${verifyStateEveryMs}`, () => {
      assert.throws(() => connect("ws://game.test", { storage: null, verifyStateEveryMs }), {
        code: "options-invalid",
      });
    });
  }
});
