/**
 * Every place where we reach past the public types of Colyseus, in one file. Each has a
 * contract test in test/unit/server/rooms/colyseus-internals.test.ts that says what moved
 * when an upgrade breaks it.
 */
import {
  ClientState,
  Room,
  RoomInternalState,
  type Client,
  type ClientPrivate,
} from "@colyseus/core";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { $refId, type ChangeTree, type Encoder, type Ref } from "@colyseus/schema";

/** The encoder's own buffer growth, which stock code gets wrong for views. */
export interface EncoderInternals {
  _resizeBuffer(buffer: Uint8Array, usedBytes: number): Uint8Array;
  ensureCapacity(buffer: Uint8Array, offset: number): Uint8Array;
}

type Serializer = Parameters<Room["setSerializer"]>[0];

/** Members of a room that its TypeScript types call private. */
export interface RoomInternals {
  __init(): void;
  _onMessage(client: Client & ClientPrivate, frame: Uint8Array): void;
  readonly _events: {
    on(event: "leave" | "join", listener: (client: Client) => void): void;
    on(event: "disconnect", listener: () => void): void;
    emit(event: "join", client: Client): void;
  };
  readonly _reconnections: Record<string, [sessionId: string, seat: Promise<unknown>] | undefined>;
  _reserveSeat(
    sessionId: string,
    options: unknown,
    auth: unknown,
    seconds: number,
  ): Promise<boolean>;
  _onLeave(client: Client, code: number): Promise<void>;
  readonly _internalState: RoomInternalState;
  readonly _serializer: Serializer;
  readonly _inputController: object | undefined;
  readonly _simulationInterval: object | undefined;
  readonly _reservedSeats: Record<string, [unknown, unknown, boolean, boolean] | undefined>;
  readonly _reservedSeatTimeouts: Record<string, NodeJS.Timeout | undefined>;
  readonly _autoDisposeTimeout: NodeJS.Timeout | undefined;
  resetAutoDisposeTimeout(seconds: number): void;
}

export function encoderInternals(encoder: Encoder): EncoderInternals {
  return encoder as unknown as EncoderInternals;
}

export function roomInternals(room: Room): RoomInternals {
  return room as unknown as RoomInternals;
}

/**
 * Runs `before` and `after` around the initialisation that the matchmaker gives every room:
 * after its constructor and field initialisers, before its `onCreate`.
 */
export function aroundInit<R extends Room>(
  roomClass: abstract new () => R,
  before: (room: R) => void,
  after: (room: R) => void,
): void {
  const stock: Pick<RoomInternals, "__init"> = roomInternals(Room.prototype);
  Object.defineProperty(roomClass.prototype, "__init", {
    configurable: true,
    value(this: R) {
      before(this);
      stock.__init.call(this);
      after(this);
    },
  });
}

/**
 * Calls `onMutation` for every change of the state that the encoder's root is told of, also
 * for a second one of the same field in the same tick. It is told of all but those of fields
 * that only full states have (`fullStateOnly`).
 */
export function watchMutations(encoder: Encoder, onMutation: (changed: Ref) => void): void {
  const root = encoder.root as unknown as Record<string, RootMethod>;
  // Streams tell of what comes and goes by the last two alone.
  for (const name of ["enqueueChangeTree", "enqueueUnreliable", "add", "remove"]) {
    const method = root[name]!.bind(root);
    root[name] = (changeTree, existingNode) => {
      const result = method(changeTree, existingNode);
      onMutation(changeTree.ref);
      return result;
    };
  }
}

type RootMethod = (changeTree: ChangeTree, existingNode: unknown) => unknown;

/** Everything that is part of the state now. */
export function refsInState(encoder: Encoder): Ref[] {
  return Object.values(encoder.root.changeTrees).map(({ ref }) => ref);
}

/** Whether `ref` is part of the state now; what was removed keeps its id. */
export function isInState(encoder: Encoder, ref: object): boolean {
  const refId = (ref as { [$refId]?: number })[$refId];
  return refId !== undefined && encoder.root.changeTrees[refId]?.ref === ref;
}

/** Whether a client of the room has a StateView, whose changes nobody reports. */
export function hasFilteredViews(room: Room): boolean {
  for (const client of room.clients) if (client.view !== undefined) return true;
  return false;
}

/** What encodes the room's state now. */
export function serializerOf(room: Room): Serializer {
  return roomInternals(room)._serializer;
}

/** Calls `onSchedule` before a timer of the room's clock is set. */
export function watchTimers(room: Room, onSchedule: () => void): void {
  const { clock } = room;
  const setTimeout = clock.setTimeout.bind(clock);
  const setInterval = clock.setInterval.bind(clock);
  const duration = clock.duration.bind(clock);
  clock.setTimeout = (...args) => {
    onSchedule();
    return setTimeout(...args);
  };
  clock.setInterval = (...args) => {
    onSchedule();
    return setInterval(...args);
  };
  clock.duration = (milliseconds) => {
    onSchedule();
    return duration(milliseconds);
  };
}

/** Whether the room's `onCreate` is still under way, during which it cannot be closed. */
export function isCreating(room: Room): boolean {
  return roomInternals(room)._internalState === RoomInternalState.CREATING;
}

/** Calls `onGone` when a session has ended for good: no reconnection can bring it back. */
export function watchLeaves(room: Room, onGone: (client: Client) => void): void {
  roomInternals(room)._events.on("leave", onGone);
}

/** Calls `onEnd` when the room is gone, its own `onDispose` included. */
export function watchEnd(room: Room, onEnd: () => void): void {
  roomInternals(room)._events.on("disconnect", onEnd);
}

/** Calls `onJoin` when a client has joined: not when one comes back. */
export function watchJoins(room: Room, onJoin: (client: Client) => void): void {
  roomInternals(room)._events.on("join", onJoin);
}

/** Calls `onReturn` when a client has come back to its seat, behind the room's own hook. */
export function watchReturns(room: Room, onReturn: (client: Client) => void): void {
  const stock = room.onReconnect?.bind(room);
  room.onReconnect = async (client) => {
    await stock?.(client);
    onReturn(client);
  };
}

/** What `onCreate` is given behind its options. */
export function tellOnCreate(room: Room, context: object): void {
  const stock = room.onCreate?.bind(room) as
    | ((options: unknown, context: object) => unknown)
    | undefined;
  if (stock !== undefined) room.onCreate = (options: unknown) => stock(options, context) as void;
}

/** Close code of a connection that broke: nobody said goodbye. */
const ABNORMAL_CLOSURE = 1_006;
/** Until the hook of the room has decided how long the seat is kept. */
const RESERVED_SECONDS = 60;

/**
 * Gives the room a client that joined in an earlier process and has lost its connection
 * since: it is counted, and the room's `onDrop` decides how long its seat is kept, as for
 * anybody whose connection breaks. Resolves when it did.
 */
export async function dropFormerClient(room: Room, client: Client): Promise<void> {
  const internals = roomInternals(room);
  const { sessionId } = client;
  // Counts the client and locks a full room, as a join does.
  const hasSeat = await internals._reserveSeat(sessionId, true, undefined, RESERVED_SECONDS);
  if (!hasSeat) return;
  clearTimeout(internals._reservedSeatTimeouts[sessionId]);
  delete internals._reservedSeatTimeouts[sessionId];
  delete internals._reservedSeats[sessionId];
  client.state = ClientState.JOINED;
  delete (client as Partial<ClientPrivate>)._enqueuedMessages;
  room.clients.push(client);
  internals._events.emit("join", client);
  void internals._onLeave(client, ABNORMAL_CLOSURE);
}

/**
 * Lets a seat that is held under `heldAs` be claimed with `token` instead. What Colyseus
 * forgets with the seat is forgotten under both names.
 */
export function renameHeldSeat(room: Room, heldAs: string, token: string): void {
  const { _reconnections: held } = roomInternals(room);
  const seat = held[heldAs];
  if (seat === undefined) return;
  held[token] = seat;
  delete held[heldAs];
  const forget = (): void => {
    delete held[token];
  };
  seat[1].then(forget, forget);
}

/** What Colyseus makes of sessions and of reconnections: 9 characters, 54 bits. */
const COLYSEUS_ID_LENGTH = 9;

/** 22 characters, 128 bits. */
export function strongId(): string {
  return randomBytes(16).toString("base64url");
}

/**
 * Lets the clients of a class keep reconnection tokens of 128 bits: Colyseus gives each client
 * that enters a short one, in a field, before it tells anybody. Any other value is kept.
 */
export function strengthenReconnectionTokens(prototype: Client): void {
  const TOKEN = Symbol("reconnectionToken");
  type Holder = Client & { [TOKEN]?: string };
  Object.defineProperty(prototype, "reconnectionToken", {
    configurable: true,
    get(this: Holder) {
      return this[TOKEN];
    },
    set(this: Holder, token: string) {
      this[TOKEN] = token.length === COLYSEUS_ID_LENGTH ? strongId() : token;
    },
  });
}

/** Before Colyseus's own timer, so that a room that is empty by then finds itself empty. */
const RENAMED_SEAT_EARLIER_MS = 100;

/**
 * Gives a seat that was reserved just now a name of 128 bits, which is all that a connection
 * has to know to take it. Returns the name it has.
 */
export function strengthenSeat(room: Room, sessionId: string): string {
  const { _reservedSeats: seats, _reservedSeatTimeouts: timeouts } = roomInternals(room);
  const seat = seats[sessionId];
  const timeout = timeouts[sessionId];
  if (seat === undefined || timeout === undefined) return sessionId;
  const strong = strongId();
  delete seats[sessionId];
  delete timeouts[sessionId];
  seats[strong] = seat;
  timeouts[strong] = timeout;
  // Colyseus's timer, which goes on, counts one client less and knows the old name only.
  const forgetInMs = room.seatReservationTimeout * 1_000 - RENAMED_SEAT_EARLIER_MS;
  setTimeout(() => {
    if (timeouts[strong] !== timeout) return;
    delete seats[strong];
    delete timeouts[strong];
  }, forgetInMs).unref();
  return strong;
}

/**
 * Whose reconnection token it is, of those who are here or were lost; asking changes nothing,
 * and takes no longer for a token that is nearly right.
 */
export function sessionOfToken(room: Room, token: string): string | undefined {
  const { _reconnections: held } = roomInternals(room);
  // By its hash, which says nothing of how much of it was right.
  if (Object.hasOwn(held, token)) return held[token]?.[0];
  const wanted = Buffer.from(token);
  let found: string | undefined;
  for (const { reconnectionToken, sessionId } of room.clients) {
    const known = Buffer.from(reconnectionToken);
    if (known.byteLength === wanted.byteLength && timingSafeEqual(known, wanted)) found = sessionId;
  }
  return found;
}

/** Seats that are reserved: for a join under way, or for a client that dropped. */
export function countReservedSeats(room: Room): number {
  return Object.keys(roomInternals(room)._reservedSeats).length;
}

/**
 * Lets a room that disconnects everybody go at once. Colyseus waits for seats that were
 * reserved and not taken, up to 15 s, and one second more for each dropped client.
 */
export function hurryDisposal(room: Room): void {
  const internals = roomInternals(room);
  for (const [sessionId, seat] of Object.entries(internals._reservedSeats)) {
    const isHeldForReconnection = seat?.[3] === true;
    if (isHeldForReconnection) continue;
    clearTimeout(internals._reservedSeatTimeouts[sessionId]);
    delete internals._reservedSeatTimeouts[sessionId];
    delete internals._reservedSeats[sessionId];
  }
  // The held seats are rejected in promises, each of which starts that second anew.
  setImmediate(() => {
    if (internals._autoDisposeTimeout !== undefined) internals.resetAutoDisposeTimeout(0);
  });
}

/** Passes each inbound frame of the room through `filter`; a frame it drops goes nowhere. */
export function filterInboundFrames(
  room: Room,
  filter: (client: Client & ClientPrivate, frame: Uint8Array, next: () => void) => void,
): void {
  const internals = roomInternals(room);
  const stockOnMessage = internals._onMessage.bind(room);
  internals._onMessage = (client, frame) => {
    filter(client, frame, () => stockOnMessage(client, frame));
  };
}

/** Stock timer of a room whose ticks we time ourselves: the longest that Node can wait. */
const NEVER_MS = 2_147_483_647;

/**
 * Takes the patch timer from the stock room: it no longer runs, while `room.patchRate`
 * reads and writes what `get` and `set` say. Must run after the room's initialisation.
 */
export function replacePatchTimer(
  room: Room,
  get: () => number,
  set: (milliseconds: number | null) => void,
): { runWithStockRate(tick: () => void): void } {
  const stock = Object.getOwnPropertyDescriptor(room, "patchRate");
  const setStock = stock?.set?.bind(room);
  if (setStock === undefined)
    throw new Error("Room#patchRate is no longer an accessor after __init");
  setStock(NEVER_MS);
  Object.defineProperty(room, "patchRate", { configurable: true, enumerable: true, get, set });
  return {
    // Rewind sizes its history by the stock rate, which only the stock setter can change.
    runWithStockRate(tick) {
      setStock(get());
      try {
        tick();
      } finally {
        setStock(NEVER_MS);
      }
    },
  };
}
