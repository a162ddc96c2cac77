import assert from "node:assert/strict";
import { ClientState, type Client } from "@colyseus/core";
import { schema, StateView, t, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import fc from "fast-check";
import { StateDecoder } from "../../client/state/state-decoder.ts";
import { silentLogger } from "../../server/logger.ts";
import { GridBases } from "../../server/rooms/grid-bases.ts";
import { SafeSerializer } from "../../server/rooms/safe-serializer.ts";
import { inlineBaseWriter } from "../../server/state/inline-base-writer.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { Grid } from "../../shared/state/grid.ts";

const Land = schema(
  {
    map: grid({ width: 9, height: 7, colors: 5 }),
    fog: grid({ width: 6, height: 5, colors: 32 }).view(),
    ticks: t.uint32().default(0),
  },
  "InStepLand",
);
type Land = SchemaType<typeof Land>;

/** A member of the room, who decodes each frame as our client does. */
class Member {
  state: number = ClientState.JOINED;
  readonly view: StateView | undefined;
  seesFog = false;
  readonly #decoder: StateDecoder;

  constructor(handshake: Uint8Array, view?: StateView) {
    this.#decoder = new StateDecoder(Uint8Array.from(handshake));
    this.view = view;
  }

  raw(frame: Uint8Array): void {
    if (frame.byteLength === 0) return;
    if (frame[0] === Protocol.ROOM_STATE) this.#decoder.applyFull(frame, 1);
    else this.#decoder.applyPatch(frame, 1);
  }

  get land(): Land {
    return this.#decoder.state as Land;
  }
}

/** A room reduced to its state, its serializer and its members. */
class Room {
  readonly land = new Land();
  readonly members: Member[] = [];
  readonly #serializer: SafeSerializer;

  constructor() {
    const bases = new GridBases(inlineBaseWriter, silentLogger, () => {});
    this.#serializer = new SafeSerializer({ onMutation: () => {}, bases });
    this.#serializer.reset(this.land);
  }

  join(view?: StateView): void {
    const member = new Member(this.#serializer.handshake(), view);
    this.members.push(member);
    this.resync(member);
  }

  resync(member: Member): void {
    this.#serializer.requestFullState(member as unknown as Client);
  }

  show(member: Member): void {
    member.view?.add(this.land.fog);
    member.seesFog = true;
  }

  hide(member: Member): void {
    member.view?.remove(this.land.fog);
    member.seesFog = false;
  }

  tick(): void {
    this.land.ticks += 1;
    this.#serializer.applyPatches(this.members as unknown as Client[]);
  }

  assertInStep(): void {
    for (const { land, seesFog } of this.members) {
      assert.equal(land.ticks, this.land.ticks);
      assertSame(land.map, this.land.map);
      if (seesFog) assertSame(land.fog, this.land.fog);
    }
  }
}

function assertSame(actual: Grid | undefined, expected: Grid): void {
  assert.deepEqual(actual?.toJSON(), expected.toJSON());
  assert.deepEqual(Array.from(actual?.cells ?? []), Array.from(expected.cells));
}

type Step = (room: Room) => void;

const place = fc.nat({ max: 1_000 });
const board = fc.constantFrom("map" as const, "fog" as const);
const shape = fc.record({
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 30 }),
  colors: fc.integer({ min: 2, max: 256 }),
});

function withMember(at: number, act: (room: Room, member: Member) => void): Step {
  return (room) => {
    const member = room.members[at % Math.max(1, room.members.length)];
    if (member !== undefined) act(room, member);
  };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(board, place, place, place).map(([name, x, y, value]) => ({ land }: Room) => {
    const { width, height, colors } = land[name];
    land[name].set(x % width, y % height, value % colors);
  }),
  fc.tuple(board, place).map(([name, value]) => ({ land }: Room) => {
    land[name].fill(value % land[name].colors);
  }),
  fc.tuple(board, place, place, place).map(([name, x, y, value]) => ({ land }: Room) => {
    const { width, height, colors } = land[name];
    const [left, top] = [x % width, y % height];
    land[name].fillRect(left, top, width - left, height - top, value % colors);
  }),
  fc.tuple(board, shape).map(([name, newShape]) => (room: Room) => {
    room.land[name] = new Grid(newShape);
    if (name === "fog") for (const each of room.members) if (each.seesFog) room.show(each);
  }),
  fc.constant<Step>((room) => room.join()),
  fc.constant<Step>((room) => room.join(new StateView())),
  place.map((at) => withMember(at, (room, member) => room.resync(member))),
  place.map((at) =>
    withMember(at, (room, member) => {
      if (member.view === undefined) return;
      if (member.seesFog) room.hide(member);
      else room.show(member);
    }),
  ),
  place.map((at) => (room: Room) => void room.members.splice(at % 7, 1)),
  fc.constant<Step>((room) => room.tick()),
);

describe("a grid, from our serializer to our decoder", () => {
  it("is in step after any changes, joins, view changes and resyncs", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const room = new Room();
        room.join();
        for (const [at, act] of steps.entries()) {
          act(room);
          if (at % 4 !== 3) continue;
          room.tick();
          room.assertInStep();
        }
        room.tick();
        room.assertInStep();
      }),
      { numRuns: 300 },
    );
  });
});
