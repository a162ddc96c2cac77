import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
import { MAX_INPUT_DEPTH, MAX_INPUT_PARTS } from "../../shared/limits.ts";

/** Names under which an object's prototype is reached, by code that merges what it is given. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export function reachesPrototype(name: string): boolean {
  return PROTOTYPE_NAMES.has(name);
}

/**
 * Throws when what a client gave as JSON is nested too deeply, has too many parts (objects,
 * lists and names), or a name that reaches for a prototype: before any code looks at it.
 */
export function checkShape(value: unknown, code: SyncErrorCode, what: string): void {
  let parts = 0;
  const look = (given: unknown, depth: number): void => {
    if (typeof given !== "object" || given === null) return;
    if (depth > MAX_INPUT_DEPTH) {
      throw new SyncError(code, `${what} are nested deeper than ${MAX_INPUT_DEPTH}`);
    }
    const entries = Object.entries(given);
    parts += 1 + (Array.isArray(given) ? 0 : entries.length);
    if (parts > MAX_INPUT_PARTS) {
      throw new SyncError(code, `${what} have more than ${MAX_INPUT_PARTS} parts`);
    }
    for (const [name, each] of entries) {
      if (reachesPrototype(name)) throw new SyncError(code, `${what} have a part named "${name}"`);
      look(each, depth + 1);
    }
  };
  look(value, 1);
}
