import { DEFAULT_TICKS_PER_SECOND, MAX_TICKS_PER_SECOND } from "../../shared/limits.ts";

/** A room's rate, under both of its names. */
interface Rated {
  ticksPerSecond: number;
  patchRate: number | null;
}

/** Colyseus's own default for `patchRate`, in milliseconds. */
const STOCK_PATCH_RATE_MS = 50;

/**
 * Takes the rate that a room class declared, as `ticksPerSecond` or as Colyseus's
 * `patchRate`, and makes the two one from now on. Throws a RangeError for a rate that no
 * clock can keep, when it is declared and whenever it is set.
 */
export function uniteTickRate(room: Rated): void {
  const { ticksPerSecond, patchRate } = room;
  const isStock = patchRate === STOCK_PATCH_RATE_MS || patchRate === null;
  const isDeclared = ticksPerSecond !== DEFAULT_TICKS_PER_SECOND;
  let rate = checkRate(isStock || isDeclared ? ticksPerSecond : 1_000 / patchRate);
  Object.defineProperty(room, "ticksPerSecond", {
    configurable: true,
    enumerable: true,
    get: () => rate,
    set: (next: number) => {
      rate = checkRate(next);
    },
  });
}

/** Infinity is a tick for each turn of the event loop. */
function checkRate(ticksPerSecond: number): number {
  const isPossible = ticksPerSecond > 0 && ticksPerSecond <= MAX_TICKS_PER_SECOND;
  if (isPossible || ticksPerSecond === Infinity) return ticksPerSecond;
  throw new RangeError(`${ticksPerSecond} ticks a second are not 0 to ${MAX_TICKS_PER_SECOND}`);
}
