import assert from "node:assert/strict";
import { ClientState } from "@colyseus/core";
import { decode, Encoder, schema, StateView, t } from "@colyseus/schema";
import { type MessageContext, ResponseStatus } from "@colyseus/shared-types";
import { unpack } from "msgpackr";
import { silentLogger } from "../../../../server/logger.ts";
import { standaloneParts } from "../../../../server/rooms/lent-parts.ts";
import type { SafeSerializer } from "../../../../server/rooms/safe-serializer.ts";
import { StateChecks } from "../../../../server/rooms/state-checks.ts";
import type { TickPipeline } from "../../../../server/rooms/tick-pipeline.ts";
import type { ChecksumReply } from "../../../../shared/protocol/state-check.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedClient } from "../../../support/recorded-client.ts";

const Slow = schema({ value: t.number().default(1) }, "ChecksSlow");

/** A room's checks on a clock that stands still, but while a state is looked at. */
class CheckedRoom {
  readonly clock = new FakeClock();
  readonly checks: StateChecks;
  readonly awaited = new Set<unknown>();
  /** How long one look takes. */
  walkMs = 0;
  walks = 0;
  tick = 0;
  fails = false;
  #works: (() => void)[] = [];

  constructor() {
    const state = new Slow();
    const encoder = new Encoder(state);
    encoder.discardChanges();
    const pipeline = {
      behindPatch: (work: () => void) => this.#works.push(work),
    };
    Object.defineProperty(pipeline, "tick", { get: () => this.tick });
    this.checks = new StateChecks({
      lent: { ...standaloneParts, clock: this.clock, logger: silentLogger },
      pipeline: pipeline as unknown as TickPipeline,
      state: () => {
        this.#look();
        return state;
      },
      serializer: () =>
        ({ isAwaited: (client) => this.awaited.has(client) }) as Partial<SafeSerializer> as never,
    });
  }

  /** One client that asks, with or without a view of its own. */
  ask(view?: StateView): RecordedClient {
    const client = new RecordedClient({ user: { id: `user-${Math.random()}`, name: "Ada" } });
    if (view !== undefined) client.view = view;
    void this.checks.check(client, { id: 7 } as MessageContext);
    return client;
  }

  runTick(): void {
    this.tick += 1;
    for (const work of this.#works.splice(0)) work();
  }

  #look(): void {
    if (this.fails) throw new Error("no state");
    this.walks += 1;
    this.clock.advanceSync(this.walkMs);
  }
}

function replyOf(client: RecordedClient): { status: number; reply: ChecksumReply } | undefined {
  const [frame] = client.sent;
  if (frame === undefined) return undefined;
  const it = { offset: 1 };
  assert.equal(decode.number(frame, it), 7);
  const status = frame[it.offset++]!;
  return { status, reply: unpack(frame.subarray(it.offset)) as ChecksumReply };
}

describe("StateChecks", () => {
  it("answers behind the next patch, naming its tick", () => {
    const room = new CheckedRoom();
    const client = room.ask();
    assert.deepEqual([client.sent.length, room.walks], [0, 0]);
    room.runTick();
    const { status, reply } = replyOf(client)!;
    assert.deepEqual([status, reply.tick, reply.refs], [ResponseStatus.OK, 1, 1]);
  });

  it("looks once a tick for all without a view, and once for each view", () => {
    const room = new CheckedRoom();
    const shared = new StateView();
    const clients = [undefined, undefined, shared, shared, new StateView()].map((view) =>
      room.ask(view),
    );
    room.runTick();
    assert.ok(clients.every((client) => replyOf(client)?.status === ResponseStatus.OK));
    assert.equal(room.walks, 3);
  });

  it("keeps an answer until the client's full state has come", () => {
    const room = new CheckedRoom();
    const client = room.ask();
    room.awaited.add(client);
    room.runTick();
    assert.equal(replyOf(client), undefined);
    room.awaited.clear();
    room.runTick();
    assert.equal(replyOf(client)?.reply.tick, 2);
  });

  it("forgets who is gone", () => {
    const room = new CheckedRoom();
    const client = room.ask();
    client.state = ClientState.LEAVING;
    room.runTick();
    assert.deepEqual([client.sent, room.walks], [[], 0]);
  });

  it("lets those wait who would take more than a tenth of the room's time", () => {
    const room = new CheckedRoom();
    room.walkMs = 4;
    const clients = Array.from({ length: 6 }, () => room.ask(new StateView()));
    const answered = (): number => clients.filter((client) => client.sent.length > 0).length;
    room.runTick();
    assert.equal(answered(), 2, "the second began within 5 ms");
    for (let waitedMs = 0; waitedMs < 72; waitedMs += 12) {
      room.runTick();
      assert.equal(answered(), 2, `8 ms of work, ${waitedMs} ms of rest`);
      room.clock.advanceSync(12);
    }
    room.runTick();
    assert.equal(answered(), 4);
  });

  it("tells the asker alone when a state cannot be walked", () => {
    const room = new CheckedRoom();
    room.fails = true;
    const client = room.ask();
    room.runTick();
    assert.equal(replyOf(client)?.status, ResponseStatus.REJECTED);
    room.fails = false;
    const next = room.ask();
    room.runTick();
    assert.equal(replyOf(next)?.status, ResponseStatus.OK);
  });
});
