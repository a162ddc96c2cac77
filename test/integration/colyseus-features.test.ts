import assert from "node:assert/strict";
import {
  defineRoom,
  definePlugins,
  LobbyRoom,
  Room,
  RoomPlugin,
  type Client,
  type RoomException,
  type StepContext,
} from "@colyseus/core";
import { schema, StateView, t, type SchemaType } from "@colyseus/schema";
import { Client as StockClient } from "colyseus.js";
import { SyncRoom, type RoomClient } from "../../server/index.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Score = schema({ value: t.number().default(0) }, "FeatureScore");
type Score = SchemaType<typeof Score>;

describe("a SyncRoom, as the Colyseus room that it is", () => {
  it("runs the lifecycle hooks in Colyseus's order, reconnection included", async () => {
    const calls: string[] = [];
    class Hooked extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override onCreate(options: { a: number }): void {
        calls.push(`create ${options.a}`);
      }
      override onAuth(client: Client): object {
        calls.push("auth");
        return { of: client.sessionId };
      }
      override onJoin(client: Client, options: { a: number }): void {
        calls.push(`join ${options.a} ${client.auth.of === client.sessionId}`);
      }
      override onDrop(client: RoomClient): void {
        calls.push("drop");
        void this.allowReconnection(client, 10);
      }
      override onReconnect(): void {
        calls.push("reconnect");
      }
      override onLeave(): void {
        calls.push("leave");
      }
      override onDispose(): void {
        calls.push("dispose");
      }
    }
    await using server = await startTestServer({ rooms: { hooked: Hooked } });
    const room = await server.joinStock("hooked", { a: 1 });
    const { reconnectionToken } = room;
    room.connection.close();
    await waitUntil(() => calls.includes("drop"));
    const again = await new StockClient(server.wsUrl).reconnect(reconnectionToken);
    await waitUntil(() => calls.includes("reconnect"));
    await again.leave();
    await waitUntil(() => calls.includes("dispose"));
    const expected = ["create 1", "auth", "join 1 true", "drop", "reconnect", "leave", "dispose"];
    assert.deepEqual(calls, expected);
  });

  it("holds the seat of a dropped client without a hook of the game", async () => {
    class Plain extends SyncRoom<{ state: Score }> {
      override state = new Score();
    }
    await using server = await startTestServer({ rooms: { plain: Plain } });
    const room = await server.joinStock("plain");
    const { reconnectionToken, sessionId } = room;
    room.connection.close();
    await waitUntil(() => localRoom(Plain, room).clients.length === 0);
    const again = await new StockClient(server.wsUrl).reconnect(reconnectionToken);
    assert.equal(again.sessionId, sessionId);
    await again.leave();
  });

  it("takes plugins, in a class, in its subclass, and in one that overrides them", async () => {
    class Greeter extends RoomPlugin {
      override messages = { greet: (client: Client) => client.send("greeting", this.greeting) };
      joined = 0;
      readonly greeting: string;
      constructor(greeting: string) {
        super();
        this.greeting = greeting;
      }
      override onJoin(): void {
        this.joined += 1;
      }
    }
    class Greeting extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override plugins = definePlugins({ greeter: new Greeter("hello") });
    }
    // Colyseus wraps the hooks of each class once, so a subclass is registered alone.
    class Polite extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override plugins = definePlugins({ greeter: new Greeter("good day") });
    }
    class Politer extends Polite {}
    class Louder extends Politer {
      override plugins = definePlugins({ greeter: new Greeter("HELLO") });
    }
    const expected = { hello: Greeting, "good day": Politer, HELLO: Louder };
    for (const [greeting, roomClass] of Object.entries(expected)) {
      await using server = await startTestServer({ rooms: { greeting: roomClass } });
      const room = await server.joinStock("greeting");
      const greetings: unknown[] = [];
      room.onMessage("greeting", (text: unknown) => greetings.push(text));
      room.send("greet");
      await waitUntil(() => greetings.length > 0);
      assert.deepEqual(greetings, [greeting]);
      const { plugins } = localRoom<SyncRoom>(roomClass, room);
      assert.ok((plugins as { greeter: Greeter }).greeter.joined > 0, "the plugin's hook ran");
    }
  });

  it("shows each client what its StateView shows, at join and later", async () => {
    const Hand = schema({ card: t.string().view() }, "FeatureHand");
    const Table = schema({ hands: t.map(Hand), round: t.number().default(0) }, "FeatureTable");
    class Cards extends SyncRoom<{ state: SchemaType<typeof Table> }> {
      override state = new Table();
      override onJoin(client: Client): void {
        const hand = new Hand();
        hand.card = `ace of ${client.sessionId}`;
        this.state.hands.set(client.sessionId, hand);
        client.view = new StateView();
        client.view.add(hand);
      }
      reveal(to: string, of: string): void {
        this.clients.get(to)?.view?.add(this.state.hands.get(of)!);
      }
    }
    await using server = await startTestServer({ rooms: { cards: Cards } });
    type State = { hands: Map<string, { card?: string }>; round: number };
    const first = await server.joinStock<State>("cards");
    const second = await server.joinStock<State>("cards");
    const cardOf = (room: typeof first, id: string): string | undefined =>
      room.state.hands.get(id)?.card;
    await waitUntil(() => cardOf(second, second.sessionId) !== undefined);
    await waitUntil(() => first.state.hands.size === 2);
    assert.equal(cardOf(first, first.sessionId), `ace of ${first.sessionId}`);
    assert.equal(cardOf(first, second.sessionId), undefined);
    assert.equal(cardOf(second, first.sessionId), undefined);
    localRoom(Cards, first).reveal(first.sessionId, second.sessionId);
    await waitUntil(() => cardOf(first, second.sessionId) === `ace of ${second.sessionId}`);
    assert.equal(cardOf(second, first.sessionId), undefined);
  });

  it("runs a fixed timestep at its own rate, and the tick carries what it did", async () => {
    class Stepping extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override ticksPerSecond = 10;
      steps: number[] = [];
      override onCreate(): void {
        this.setFixedTimestep((step: StepContext) => {
          this.steps.push(step.dtMs);
          this.state.value = step.tick + 1;
        }, 50);
      }
    }
    await using server = await startTestServer({ rooms: { stepping: Stepping } });
    const room = await server.joinStock<Score>("stepping");
    const values: number[] = [];
    room.onStateChange(({ value }) => values.push(value));
    await waitUntil(() => values.length >= 5);
    const { steps } = localRoom(Stepping, room);
    assert.ok(steps.every((dtMs) => dtMs === 20));
    assert.ok(values.at(-1)! - values[0]! > values.length, "several steps share one patch");
  });

  it("buffers defined inputs, stamps its patches with time, and rewinds", async () => {
    const Move = schema({ dx: t.int8() }, "FeatureMove");
    const Body = schema({ x: t.number().default(0) }, "FeatureBody");
    const World = schema({ bodies: t.map(Body) }, "FeatureWorld");
    class Moving extends SyncRoom<{
      state: SchemaType<typeof World>;
      input: SchemaType<typeof Move>;
    }> {
      override state = new World();
      override inputs = this.defineInput(Move);
      rewind = this.allowRewindState();
      override onCreate(): void {
        this.rewind.attachAll(this.state.bodies, { fields: ["x"] });
        this.setFixedTimestep(() => {
          for (const [sessionId, body] of this.state.bodies) {
            for (const move of this.inputs.get(sessionId)) body.x += move.dx;
          }
        }, 50);
      }
      override onJoin(client: Client): void {
        this.state.bodies.set(client.sessionId, new Body());
      }
    }
    await using server = await startTestServer({ rooms: { moving: Moving } });
    const room = await server.joinStock<{ bodies: Map<string, { x: number }> }>("moving");
    const input = room.input<{ dx: number }>();
    await waitUntil(() => room.state?.bodies?.has(room.sessionId));
    input.data.dx = 5;
    for (let sent = 0; sent < 3; sent += 1) input.send();
    await waitUntil(() => room.state.bodies.get(room.sessionId)?.x === 15);
    await waitUntil(() => room.clock.serverNow() > 0);
    const { rewind, state } = localRoom(Moving, room);
    const body = state.bodies.get(room.sessionId)!;
    await waitUntil(() => rewind.at(rewind.lastRecordedAt).value(body, "x") === 15);
  });

  it("reads, sets and advertises patchRate as 1000 / ticksPerSecond", async () => {
    class Rated extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override ticksPerSecond = 25;
    }
    await using server = await startTestServer({ rooms: { rated: Rated } });
    const room = localRoom(Rated, await server.joinStock("rated"));
    assert.equal(room.patchRate, 40);
    room.patchRate = 100;
    assert.equal(room.ticksPerSecond, 10);
  });

  it("fires the timers of its clock, also those set while it slept", async () => {
    class Timed extends SyncRoom<{ state: Score }> {
      override state = new Score();
    }
    await using server = await startTestServer({ rooms: { timed: Timed } });
    const room = await server.joinStock<Score>("timed");
    const serverRoom = localRoom(Timed, room);
    serverRoom.clock.setTimeout(() => (serverRoom.state.value = 1), 20);
    await waitUntil(() => room.state.value === 1);
  });

  it("tells onUncaughtException of a failing handler, and the asker that it failed", async () => {
    const failures: string[] = [];
    class Failing extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override messages = {
        fail: () => {
          throw new Error("broken");
        },
      };
      override onUncaughtException(error: RoomException, method: string): void {
        failures.push(`${method}: ${error.message}`);
      }
    }
    await using server = await startTestServer({ rooms: { failing: Failing } });
    const room = await server.joinStock("failing");
    await assert.rejects(room.request("fail"), (error: { reason: { code: string } }) => {
      return error.reason.code === "handler-failed";
    });
    assert.deepEqual(failures, ["onMessage: broken"]);
  });

  it("takes handlers that come and go, the wildcard, and bytes", async () => {
    const seen: string[] = [];
    class Handling extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override onCreate(): void {
        const unbind = this.onMessage("once", () => {
          seen.push("once");
          unbind();
        });
        this.onMessage("*", (_client, type) => void seen.push(`* ${type}`));
        this.onMessageBytes("raw", (_client, bytes: Uint8Array) =>
          seen.push(`raw ${bytes.length}`),
        );
      }
    }
    await using server = await startTestServer({ rooms: { handling: Handling } });
    const room = await server.joinStock("handling");
    room.send("once");
    room.send("other");
    room.sendBytes("raw", Uint8Array.of(1, 2, 3));
    await waitUntil(() => seen.length === 3);
    assert.deepEqual(seen, ["once", "* other", "raw 3"]);
  });

  it("gives everybody the whole of a state that replaces another", async () => {
    class Replacing extends SyncRoom<{ state: Score }> {
      override state = new Score();
    }
    await using server = await startTestServer({ rooms: { replacing: Replacing } });
    const room = await server.joinStock<Score>("replacing");
    const serverRoom = localRoom(Replacing, room);
    serverRoom.state.value = 1;
    await waitUntil(() => room.state.value === 1);
    const next = new Score();
    next.value = 99;
    serverRoom.state = next;
    await waitUntil(() => room.state.value === 99);
    next.value = 100;
    await waitUntil(() => room.state.value === 100);
  });

  it("is matched by filters, locks when it is full, and unlocks", async () => {
    class Small extends SyncRoom<{ state: Score }> {
      override state = new Score();
      override maxClients = 1;
    }
    const small = defineRoom(Small).filterBy(["maxClients"]);
    await using server = await startTestServer({ rooms: { small } });
    const first = await server.joinStock("small");
    const second = await server.joinStock("small");
    assert.notEqual(first.roomId, second.roomId);
  });
});

describe("a plain Colyseus room", () => {
  it("can be registered beside the others, lobby included", async () => {
    class Plain extends Room<{ state: Score }> {
      override state = new Score();
      override onCreate(): void {
        this.onMessage("add", (_client, by: number) => {
          this.state.value += by;
          return this.state.value;
        });
      }
    }
    const plain = defineRoom(Plain).enableRealtimeListing();
    await using server = await startTestServer({ rooms: { plain, lobby: LobbyRoom } });
    const lobby = await server.joinStock("lobby");
    const listed: unknown[] = [];
    lobby.onMessage("rooms", () => {});
    lobby.onMessage("+", (entry: unknown) => listed.push(entry));
    lobby.onMessage("-", () => {});
    const room = await server.joinStock<Score>("plain");
    assert.equal(await room.request("add", 5), 5);
    await waitUntil(() => room.state.value === 5);
    await waitUntil(() => listed.length > 0);
  });
});
