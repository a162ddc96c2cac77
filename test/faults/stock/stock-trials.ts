import type { Trial } from "../trials/trial.ts";
import { tryStockFloods, tryStockMalformed } from "./stock-hostile-trials.ts";
import { tryStockSlowReader, tryStockStalledReader } from "./stock-readers-trials.ts";
import { tryStockKilled, tryStockRestart, tryStockStorm } from "./stock-rooms-trials.ts";

/** The same faults for stock Colyseus, as far as it has what they hit. */
export const STOCK_TRIALS: Readonly<Record<string, Trial>> = {
  "killed-rooms": tryStockKilled,
  "rolling-restart": tryStockRestart,
  "stalled-reader": tryStockStalledReader,
  "slow-reader": tryStockSlowReader,
  "malformed-frames": tryStockMalformed,
  floods: tryStockFloods,
  "reconnect-storm": tryStockStorm,
};
