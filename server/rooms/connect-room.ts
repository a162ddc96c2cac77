import { SyncError } from "../../shared/errors.ts";
import {
  countReservedSeats,
  filterInboundFrames,
  isCreating,
  replacePatchTimer,
  watchLeaves,
  watchTimers,
} from "./colyseus-internals.ts";
import { LingerTimer } from "./linger-timer.ts";
import type { RoomParts } from "./room-parts.ts";
import type { SyncRoom } from "./sync-room.ts";

/** Puts a room's parts between Colyseus and the game, once Colyseus has initialised it. */
export function connectRoom(room: SyncRoom, parts: RoomParts): void {
  const { pipeline, guard } = parts;
  const patchTimer = replacePatchTimer(
    room,
    () => 1_000 / room.ticksPerSecond,
    (milliseconds) => {
      if (milliseconds !== null && milliseconds > 0) room.ticksPerSecond = 1_000 / milliseconds;
    },
  );
  const stockEncode = parts.encode;
  parts.encode = () => {
    if (parts.isRewinding) patchTimer.runWithStockRate(stockEncode);
    else stockEncode();
  };

  filterInboundFrames(room, (client, frame, next) => {
    if (parts.isSuspended) return;
    parts.wake();
    guard.pass(client, frame, next);
  });
  watchTimers(room, () => parts.wake());
  watchLeaves(room, (client) => {
    client.view?.dispose();
    parts.channels?.leave(client);
  });

  keepNothingOfFailure(room, parts);
  const onDispose = room.onDispose?.bind(room);
  room.onDispose = async () => {
    // Of a room that its own `onCreate` ends, and awaits the end of, nothing more is to be made.
    parts.creation.resolve();
    // Colyseus tells of the last client's leave behind this.
    if (!parts.isSuspended) parts.durable?.noteAllSeatsGone();
    await pipeline.close();
    await parts.durable?.close();
    return onDispose?.();
  };
  if (room.lingerMs > 0) keepOpen(room, parts);
  // A game with `onTick` runs from the start, whoever is there.
  parts.wake();
}

/** What `onCreate` did before it failed is not saved, nor that everybody lost their seats. */
function keepNothingOfFailure(room: SyncRoom, { durable, creation }: RoomParts): void {
  const onCreate = room.onCreate?.bind(room);
  if (onCreate === undefined || durable === undefined) {
    creation.resolve();
    return;
  }
  room.onCreate = async (options: never, context) => {
    try {
      const result = await onCreate(options, context);
      creation.resolve();
      return result;
    } catch (error) {
      durable.freeze();
      creation.reject(new SyncError("room-lost", "the room could not be made"));
      throw error;
    }
  };
  // Whoever waits to save something hears of it; mostly that is nobody.
  creation.promise.catch(() => {});
}

/** Keeps an empty room open for its `lingerMs`, in place of Colyseus's one second. */
function keepOpen(room: SyncRoom, parts: RoomParts): void {
  room.autoDispose = false;
  const linger = new LingerTimer(
    parts.lent.clock,
    room.lingerMs,
    () => !isCreating(room) && room.clients.length === 0 && countReservedSeats(room) === 0,
    () => void room.disconnect(),
  );
  linger.restart();
  watchLeaves(room, () => linger.restart());
  const onDispose = room.onDispose?.bind(room);
  room.onDispose = () => {
    linger.stop();
    return onDispose?.();
  };
}
