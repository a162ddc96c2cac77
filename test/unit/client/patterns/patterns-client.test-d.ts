import {
  client,
  createPatternsClient,
  type RealtimeEvent,
  RealtimeProvider,
} from "../../../../client/patterns/index.ts";
import { connect } from "../../../../client/connect.ts";
import type { RealtimeServer } from "../../../../server/realtime-server.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

type Created = RealtimeEvent<{ name: string }, "users.created">;
type Removed = RealtimeEvent<{ id: number }, "users.removed">;
type Rename = RealtimeEvent<{ to: string }, "users.rename">;

/** As the seed's program is written: without types, every event fits. */
export async function untyped(): Promise<void> {
  await client.init(["users", "notifications"]);
  const emitter = client.getEventEmitter();
  emitter.subscribe("users.created", {
    update: (event) => {
      assertSame<typeof event, RealtimeEvent>(true);
      assertSame<typeof event.timestamp, Date>(true);
      assertSame<typeof event.data, unknown>(true);
    },
  });
  await client.publish("users", {
    id: crypto.randomUUID(),
    type: "users.message",
    source: "client",
    timestamp: new Date(),
    data: { message: "hi" },
  });
  await client.publish("users", { type: "users.message", data: null, metadata: undefined });
  // @ts-expect-error: an event has data.
  await client.publish("users", { type: "users.message" });
  // @ts-expect-error: a time is a Date.
  await client.publish("users", { type: "users.message", data: 1, timestamp: "now" });
  // @ts-expect-error: an observer is an object, not a function.
  emitter.subscribe("users.created", (event: RealtimeEvent) => event);
  // @ts-expect-error: topics come in a list.
  await client.init("users");
}

export async function typed(): Promise<void> {
  const users = createPatternsClient<Created | Removed, Rename>("ws://localhost:3030", {
    authToken: "token",
    reconnect: { enabled: true, maxAttempts: 0, initialDelayMs: 1, maxDelayMs: 2 },
  });
  const emitter = users.getEventEmitter();
  emitter.subscribe("users.created", {
    update: (event) => assertSame<typeof event, Created>(true),
  });
  emitter.subscribe("*", {
    update: (event) => assertSame<typeof event, Created | Removed>(true),
  });
  // @ts-expect-error: nobody publishes this.
  emitter.subscribe("users.confused", { update: () => undefined });

  const channel = users.subscribe("users", { filters: { includeTypes: ["users.created"] } });
  const off = channel.on("users.removed", ({ data }) => assertSame<typeof data.id, number>(true));
  off();
  channel.on({ source: "server" }, (event) => assertSame<typeof event, Created | Removed>(true));
  channel.on({ type: "users.created" }, (event) => assertSame<typeof event, Created>(true));
  channel.on({ source: "server", type: "users.removed" }, (event) =>
    assertSame<typeof event, Removed>(true),
  );
  channel.on("*", (event) => assertSame<typeof event, Created | Removed>(true));
  // @ts-expect-error: a selector names a type, a source, or both.
  channel.on({}, () => undefined);
  // @ts-expect-error: there is no such type.
  channel.on({ type: "users.confused" }, () => undefined);

  await users.publish("users", { type: "users.rename", data: { to: "Ada" } });
  await channel.emit({ type: "users.rename", data: { to: "Ada" } });
  // @ts-expect-error: this is what comes in, not what goes out.
  await users.publish("users", { type: "users.created", data: { name: "Ada" } });
  // @ts-expect-error: the data is another.
  await channel.publish({ type: "users.rename", data: { to: 7 } });
}

export function overAClient(): void {
  const realtime = connect<RealtimeServer>("ws://localhost:2567");
  createPatternsClient(realtime);
  const provider = new RealtimeProvider(realtime);
  const channel = provider.createChannel<Created, Rename>("users", { authToken: "token" });
  void channel.publish({ type: "users.rename", data: { to: "Ada" } });
  void provider.removeChannel(channel);
  // @ts-expect-error: there is no such option.
  provider.createChannel("users", { heartbeat: 5 });
}
