import {
  ChannelStatus,
  type Connection,
  connectRealtime,
  createDevvit,
  type DisconnectReason,
  type JSONValue,
  type RealtimeMessage,
  useChannel,
} from "../../../../client/devvit/index.ts";
import type { RealtimeClient } from "../../../../client/realtime-client.ts";
import { createDevvit as createServerDevvit, realtime } from "../../../../server/devvit/index.ts";
import type { createServer } from "../../../../server/create-server.ts";
import { SyncRoom } from "../../../../server/rooms/sync-room.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

type Score = { type: "score"; points: number; by?: string };
class Match extends SyncRoom {}
// For the type checker an interface is no JSON; who only listens may have one.
interface Joined {
  readonly user: string;
}
type Server = ReturnType<typeof createServer<{ match: typeof Match }>>;

export async function useOfTheClient(mine: RealtimeClient<Server>): Promise<void> {
  const connection: Connection = await connectRealtime({
    channel: "scores",
    onConnect: (channel) => assertSame<typeof channel, string>(true),
    onDisconnect: (channel, reason) => {
      assertSame<typeof channel, string>(true);
      assertSame<typeof reason, DisconnectReason>(true);
    },
    onMessage: (message) => assertSame<typeof message, JSONValue>(true),
  });
  assertSame<ReturnType<typeof connection.disconnect>, Promise<void>>(true);

  // What a message is may be said in either place.
  await connectRealtime<Score>({ channel: "scores", onMessage: ({ points }) => points.toFixed() });
  await connectRealtime({ channel: "scores", onMessage: ({ points }: Score) => points.toFixed() });
  // @ts-expect-error: a score has no name.
  await connectRealtime<Score>({ channel: "scores", onMessage: ({ name }) => name });
  // @ts-expect-error: onMessage is required.
  await connectRealtime({ channel: "scores" });
  // @ts-expect-error: so is the channel.
  await connectRealtime({ onMessage: () => undefined });
  await connectRealtime({ channel: "scores", onMessage: ({ user }: Joined) => user.trim() });

  // Newer code for Devvit does not wait.
  void connectRealtime({ channel: "scores", onMessage: () => undefined }).disconnect();

  // Any client will do, whatever rooms its server has.
  const { isRealtimeConnected, disconnectRealtime } = createDevvit(mine, { strict: true });
  assertSame<typeof isRealtimeConnected, (channel: string) => boolean>(true);
  assertSame<ReturnType<typeof disconnectRealtime>, void>(true);
}

export async function useOfTheHook(): Promise<void> {
  const channel = useChannel<RealtimeMessage<Score>>({
    name: "scores",
    onMessage: ({ payload, session, postId }) => {
      assertSame<typeof payload, Score>(true);
      assertSame<typeof session, string>(true);
      assertSame<typeof postId, string | undefined>(true);
    },
    onSubscribed: async () => undefined,
    onUnsubscribed: () => undefined,
  });
  assertSame<typeof channel.status, ChannelStatus>(true);
  assertSame<ReturnType<typeof channel.subscribe>, void>(true);
  const { send } = channel;
  await send({ payload: { type: "score", points: 5 }, session: "mine" });
  // @ts-expect-error: the session is missing.
  await send({ payload: { type: "score", points: 5 } });
  // @ts-expect-error: points are a number.
  await send({ payload: { type: "score", points: "five" }, session: "mine" });
  // @ts-expect-error: JSON has no functions.
  useChannel<{ run: () => void }>({ name: "scores", onMessage: () => undefined });
  if (channel.status === ChannelStatus.Connected) {
    assertSame<typeof channel.status, 2>(true);
  }
}

export async function useOfTheServer(server: Server): Promise<void> {
  const nothing = await realtime.send("scores", { type: "score", points: 5 });
  assertSame<typeof nothing, void>(true);
  await realtime.send("scores", "text");
  // @ts-expect-error: JSON has no dates.
  await realtime.send("scores", { at: new Date() });
  // @ts-expect-error: a message is required.
  await realtime.send("scores");
  await createServerDevvit(server).realtime.send("scores", null);
}
