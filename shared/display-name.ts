import { MAX_NAME_LENGTH } from "./limits.ts";

// Letters, marks, numbers, punctuation and symbols of any script, and single spaces between
// them. Control and format characters could hide or reorder what stands around a name.
const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u;

// Some letters and marks are drawn as nothing: with them one name could look like another.
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\u2800]/u;

// The one of them that has its place: behind an emoji it chooses the coloured picture.
const STYLED_EMOJI = /\p{Extended_Pictographic}\uFE0F/gu;

/** The name as others see it: composed and trimmed; undefined when it is not fit to be shown. */
export function normalizeName(name: unknown): string | undefined {
  if (typeof name !== "string") return undefined;
  const normal = name.normalize("NFC").trim();
  if (normal.length > MAX_NAME_LENGTH || !NAME.test(normal)) return undefined;
  return HIDDEN.test(normal.replaceAll(STYLED_EMOJI, "")) ? undefined : normal;
}
