/**
 * What a client can know about a server from its type alone. Everything is structural, so
 * that a page imports nothing of the server but `import type`.
 */

/** A server as `createServer` types it: room names to room classes. */
export interface ServerType {
  readonly "~rooms": Record<string, unknown>;
}

/** The instance type of the room class registered under `Name`. */
export type RoomOf<
  Server extends ServerType,
  Name extends keyof Server["~rooms"],
> = Server["~rooms"][Name] extends abstract new (...args: never[]) => infer Room ? Room : never;

/** The room's synced state. */
export type StateOf<Room> = Room extends { "~state": infer State } ? State : unknown;

/** What `intent()` returns, seen from the types: what comes in and what is answered. */
export interface IntentType<Input, Reply> {
  readonly "~input": Input;
  readonly "~reply": Reply;
}

// Without messages: no names at all (`keyof never` would be every name).
type MessagesOf<Room> = Room extends { messages: infer Messages } ? Messages : object;

/** Names of the messages that the room takes. */
export type MessageName<Room> = Extract<keyof MessagesOf<Room>, string>;

type MessageOf<Room, Name> = Name extends keyof MessagesOf<Room> ? MessagesOf<Room>[Name] : never;

/** The payload of a message: of an intent, or of a stock handler `(client, payload) => …`. */
export type PayloadOf<Room, Name> =
  MessageOf<Room, Name> extends IntentType<infer Input, unknown>
    ? Input
    : MessageOf<Room, Name> extends (
          client: never,
          payload: infer Input,
          ...rest: never[]
        ) => unknown
      ? Input
      : unknown;

/** What a request resolves to. */
export type ReplyOf<Room, Name> =
  MessageOf<Room, Name> extends IntentType<never, infer Reply>
    ? Awaited<Reply>
    : MessageOf<Room, Name> extends IntentType<infer _Input, infer Reply>
      ? Awaited<Reply>
      : MessageOf<Room, Name> extends (...args: never[]) => infer Reply
        ? Awaited<Reply>
        : unknown;

/** What the room is joined with: its durable key's options, or what its `onJoin` takes. */
export type JoinOptionsOf<Room> = Room extends {
  persistence: { key: (options: infer Options) => string };
}
  ? Options
  : Room extends { onJoin: (client: never, options: infer Options, ...rest: never[]) => unknown }
    ? Options
    : Record<string, unknown>;
