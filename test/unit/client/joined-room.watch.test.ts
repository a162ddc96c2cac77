import assert from "node:assert/strict";
import { FakeClient, Player } from "../../support/fake-client.ts";

describe("JoinedRoom.watch", () => {
  it("runs now, with the state and its callbacks", async () => {
    const client = new FakeClient();
    client.state.players.set("a", new Player().assign({ x: 1 }));
    const room = await client.join();
    const seen: unknown[] = [];
    room.watch((state, callbacks) => {
      seen.push(state === room.state);
      callbacks.onAdd("players", (player, key) => seen.push(["add", key, player.x]));
      callbacks.onRemove("players", (_player, key) => seen.push(["remove", key]));
      callbacks.listen("count", (count) => seen.push(["count", count]));
    });
    client.state.players.set("b", new Player().assign({ x: 2 }));
    client.state.players.delete("a");
    client.state.count = 5;
    client.server.room.tick();
    await client.settle();
    assert.deepEqual(seen.slice(0, 3), [true, ["add", "a", 1], ["count", 0]]);
    assert.deepEqual(
      new Set(seen.slice(3).map(String)),
      new Set(["add,b,2", "remove,a", "count,5"]),
    );
  });

  it("does not run again for a rejoin to the same seat, and its callbacks go on", async () => {
    const client = new FakeClient();
    client.state.players.set("a", new Player().assign({ x: 1 }));
    client.state.note = "here";
    const room = await client.join();
    const seen: unknown[] = [];
    room.watch((_state, callbacks) => {
      seen.push("run");
      callbacks.onRemove("players", (_player, key) => seen.push(["remove", key]));
      callbacks.listen("note", (note) => seen.push(["note", note]));
      return () => seen.push("cleanup");
    });
    client.server.drop();
    await client.settle();
    client.state.players.delete("a");
    client.state.note = undefined;
    client.server.room.tick();
    await client.clock.advance(2_000);
    assert.deepEqual(seen.slice(0, 2), ["run", ["note", "here"]]);
    assert.deepEqual(new Set(seen.slice(2).map(String)), new Set(["remove,a", "note,"]));
  });

  it("cleans up and runs again for a new instance of the room", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const seen: unknown[] = [];
    room.watch((state) => {
      seen.push(["run", state.count, state === room.state]);
      return () => seen.push(["cleanup", state.count]);
    });
    client.server.restart();
    client.state.count = 9;
    await client.clock.advance(2_000);
    assert.deepEqual(seen, [
      ["run", 0, true],
      ["cleanup", 0],
      ["run", 9, true],
    ]);
  });

  it("cleans up at the unsubscribe, once, and calls nothing of it any more", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const seen: unknown[] = [];
    const stop = room.watch((_state, callbacks) => {
      callbacks.listen("count", (count) => seen.push(count), false);
      return () => seen.push("cleanup");
    });
    stop();
    stop();
    client.state.count = 3;
    client.server.room.tick();
    client.server.restart();
    await client.clock.advance(2_000);
    assert.deepEqual(seen, ["cleanup"]);
  });

  it("calls no callback behind an unsubscribe in the middle of a patch", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const seen: string[] = [];
    const stops: (() => void)[] = [];
    for (const name of ["first", "second"]) {
      const stop = room.watch((_state, callbacks) => {
        const listener = (): void => {
          seen.push(name);
          for (const each of stops) each();
        };
        callbacks.listen("count", listener, false);
      });
      stops.push(stop);
    }
    client.state.count = 1;
    client.server.room.tick();
    await client.settle();
    assert.equal(seen.length, 1);
  });

  it("runs nested callbacks once for each change, whoever else watches", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const seen: string[] = [];
    for (const name of ["first", "second"]) {
      room.watch((_state, callbacks) => {
        callbacks.onAdd("players", (player, key) => {
          callbacks.listen(player, "x", (x) => seen.push(`${name} ${key} ${x}`));
        });
      });
    }
    client.state.players.set("a", new Player().assign({ x: 1 }));
    client.server.room.tick();
    await client.settle();
    assert.deepEqual(seen.toSorted(), ["first a 1", "second a 1"]);
  });

  it("forgets the callbacks of observers that are gone", async () => {
    const client = new FakeClient();
    const room = await client.join();
    let calls = 0;
    for (let mount = 0; mount < 100; mount += 1) {
      room.watch((_state, callbacks) => {
        callbacks.listen("count", () => (calls += 1), false);
      })();
    }
    client.state.count = 1;
    client.server.room.tick();
    await client.settle();
    assert.equal(calls, 0);
  });

  it("cleans up when the room is left", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const seen: string[] = [];
    room.watch(() => () => seen.push("cleanup"));
    await Promise.all([room.leave(), client.settle()]);
    assert.deepEqual(seen, ["cleanup"]);
    room.watch(() => void seen.push("too late"));
    assert.deepEqual(seen, ["cleanup"]);
  });
});
