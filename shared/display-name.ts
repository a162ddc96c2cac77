import { MAX_NAME_LENGTH } from "./limits.ts";

// Letters, marks, numbers, punctuation and symbols of any script, and single spaces between
// them. Control and format characters could hide or reorder what stands around a name.
const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u;

/** The name as others see it: composed and trimmed; undefined when it is not fit to be shown. */
export function normalizeName(name: unknown): string | undefined {
  if (typeof name !== "string") return undefined;
  const normal = name.normalize("NFC").trim();
  return normal.length <= MAX_NAME_LENGTH && NAME.test(normal) ? normal : undefined;
}
