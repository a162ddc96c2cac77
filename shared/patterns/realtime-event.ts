/** Something that happened, as programs written for patterns tell it. */
export interface RealtimeEvent<Data = unknown, Type extends string = string> {
  /** Its publisher's own; the same one again from the same user is the same event. */
  readonly id: string;
  readonly type: Type;
  /** `client`, or what the server's code says of its own events: `server` by default. */
  readonly source: string;
  /** When the server took it; of an event of the server's own, what that says. */
  readonly timestamp: Date;
  readonly data: Data;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The client that published it; absent when the server did. */
  readonly clientId?: string;
}

/**
 * An event before it is published. What the server says of a client's event may be left out:
 * its time, source and client are the server's, whatever is claimed here.
 */
export type EventDraft<Event extends RealtimeEvent = RealtimeEvent> = Event extends RealtimeEvent
  ? Pick<Event, "type" | "data"> & {
      readonly [Name in "id" | "source" | "timestamp" | "metadata" | "clientId"]?:
        | Event[Name]
        | undefined;
    }
  : never;

/** Events of one type out of several kinds; all of them where none has that type by name. */
export type EventOfType<Event extends RealtimeEvent, Type extends string> = [
  Extract<Event, { readonly type: Type }>,
] extends [never]
  ? Event
  : Extract<Event, { readonly type: Type }>;
