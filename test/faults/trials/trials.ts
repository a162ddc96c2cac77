import { tryBlockedLoop } from "./blocked-loop.ts";
import { tryClockJumps } from "./clock-jumps.ts";
import { tryFailingStore } from "./failing-store.ts";
import { tryFloods } from "./floods.ts";
import { tryFullDisk } from "./full-disk.ts";
import { tryKilledRooms } from "./killed-rooms.ts";
import { tryKilledServer } from "./killed-server.ts";
import { tryMalformedFrames } from "./malformed-frames.ts";
import { tryRandomCuts } from "./random-cuts.ts";
import { tryReconnectStorm } from "./reconnect-storm.ts";
import { tryRollingRestart } from "./rolling-restart.ts";
import { trySlowReader } from "./slow-reader.ts";
import { trySoak } from "./soak.ts";
import { tryStalledReader } from "./stalled-reader.ts";
import type { Trial } from "./trial.ts";

/** Every trial by its name, in the order in which they run. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  "killed-rooms": tryKilledRooms,
  "rolling-restart": tryRollingRestart,
  "random-cuts": tryRandomCuts,
  "killed-server": tryKilledServer,
  "stalled-reader": tryStalledReader,
  "slow-reader": trySlowReader,
  "malformed-frames": tryMalformedFrames,
  floods: tryFloods,
  "reconnect-storm": tryReconnectStorm,
  "blocked-loop": tryBlockedLoop,
  soak: trySoak,
  "clock-jumps": tryClockJumps,
  "failing-store": tryFailingStore,
  "full-disk": tryFullDisk,
};
