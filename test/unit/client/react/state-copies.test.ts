import { schema, type SchemaType, t } from "@colyseus/schema";
import assert from "node:assert/strict";
import { StateCopies } from "../../../../client/react/stores/state-copies.ts";
import { StateSelection } from "../../../../client/react/stores/state-selection.ts";
import { grid } from "../../../../shared/state/grid-field.ts";

const Item = schema({ name: t.string(), count: t.number() }, "CopiedItem");
const World = schema(
  {
    items: t.map(Item),
    order: t.array(Item),
    names: t.array("string"),
    tags: t.set("string"),
    best: t.ref(Item).optional(),
    board: grid({ width: 4, height: 4, colors: 4 }),
    round: t.number(),
  },
  "CopiedWorld",
);
type World = SchemaType<typeof World>;

function newItem(name: string, count: number): SchemaType<typeof Item> {
  return new Item().assign({ name, count });
}

function newWorld(): World {
  const world = new World();
  world.round = 1;
  for (const name of ["a", "b", "c"]) world.items.set(name, newItem(name, 1));
  world.order.push(newItem("x", 1), newItem("y", 2));
  world.names.push("one", "two");
  world.tags.add("red");
  return world;
}

/** A state that changes in place, with its versions counted by hand. */
class Source {
  readonly state = newWorld();
  readonly copies = new StateCopies();
  version = 1;

  change(change: (world: World) => void): void {
    change(this.state);
    this.version += 1;
  }

  select<Selected>(select: (world: World) => Selected, previous?: unknown): StateSelection {
    return new StateSelection(this, select as (state: unknown) => unknown, previous);
  }
}

describe("StateCopies", () => {
  it("makes plain values of schema objects, maps, lists and sets", () => {
    const world = newWorld();
    const copy = new StateCopies().copy(world, undefined) as World;
    assert.deepEqual(copy.items.get("a"), { name: "a", count: 1 });
    assert.ok(copy.items instanceof Map);
    assert.deepEqual(copy.order, [
      { name: "x", count: 1 },
      { name: "y", count: 2 },
    ]);
    assert.deepEqual(copy.names, ["one", "two"]);
    assert.deepEqual(copy.tags, new Set(["red"]));
    assert.equal(copy.best, undefined);
    assert.equal(copy.round, 1);
    assert.equal(copy.board, world.board);
  });

  it("gives copies that stay as they are when the state changes", () => {
    const source = new Source();
    const { read } = source.select((world) => world.items);
    const before = read() as Map<string, { count: number }>;
    source.change((world) => (world.items.get("a")!.count = 7));
    const after = read() as Map<string, { count: number }>;
    assert.equal(before.get("a")?.count, 1);
    assert.equal(after.get("a")?.count, 7);
    assert.notEqual(after, before);
    assert.equal(after.get("b"), before.get("b"));
  });

  it("gives the very same value for as long as its part is the same", () => {
    const source = new Source();
    const selections = [
      source.select((world) => world.items),
      source.select((world) => [...world.items.values()]),
      source.select((world) => world.order.map(({ name }) => ({ name }))),
      source.select((world) => ({ names: world.names, tags: world.tags })),
      source.select((world) => new Map([["b", world.items.get("b")]])),
      source.select((world) => world.best),
    ];
    const before = selections.map(({ read }) => read());
    source.change((world) => (world.round = 2));
    const after = selections.map(({ read }) => read());
    for (const [index, value] of after.entries()) assert.equal(value, before[index]);
  });

  it("knows an object again at another place in its list", () => {
    const source = new Source();
    const { read } = source.select((world) => world.order);
    const [x, y] = read() as object[];
    source.change((world) => world.order.unshift(newItem("w", 0)));
    const after = read() as object[];
    assert.deepEqual(after[0], { name: "w", count: 0 });
    assert.equal(after[1], x);
    assert.equal(after[2], y);
  });

  it("notices what is added, removed, put elsewhere or emptied", () => {
    const source = new Source();
    const { read } = source.select(({ items, names, tags, best }) => [items, names, tags, best]);
    const changes: ((world: World) => void)[] = [
      (world) => world.items.delete("b"),
      (world) => world.items.set("d", newItem("d", 4)),
      (world) => world.names.push("three"),
      (world) => world.names.shift(),
      (world) => world.tags.add("blue"),
      (world) => world.tags.delete("red"),
      (world) => (world.best = newItem("best", 9)),
      (world) => (world.best!.count += 1),
      (world) => (world.best = undefined),
      (world) => world.names.clear(),
    ];
    for (const change of changes) {
      const before = read();
      source.change(change);
      assert.notEqual(read(), before, String(change));
    }
  });

  it("does not look twice at the same version, and not at all before there is a state", () => {
    const source = new Source();
    const looks: number[] = [];
    const { read } = source.select(({ round }) => looks.push(round));
    read();
    read();
    assert.deepEqual(looks, [1]);
    const nothing = { state: undefined, version: 0, copies: new StateCopies() };
    const none = new StateSelection(nothing, () => assert.fail("there is no state"), undefined);
    assert.equal(none.read(), undefined);
  });

  it("goes on with what the component shows when its selector is another function", () => {
    const source = new Source();
    const shown = source.select((world) => [...world.items.values()]).read();
    assert.equal(source.select((world) => [...world.items.values()], shown).read(), shown);
  });
});
