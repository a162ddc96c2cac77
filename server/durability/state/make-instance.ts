import { stateIncompatible } from "./state-incompatible.ts";
import { initializerArguments, type SchemaClass } from "./state-internals.ts";

/**
 * A new instance without arguments. An `initialize` that asks for some is left out: what it
 * would set is about to be set to what was saved. Throws `state-incompatible` for a class
 * that cannot be made so.
 */
export function makeInstance(schemaClass: SchemaClass): object {
  try {
    if (initializerArguments(schemaClass) === 0) return new schemaClass();
    return Reflect.construct(schemaClass, [], sameButNotIt(schemaClass)) as object;
  } catch (cause) {
    const message = `a ${schemaClass.name} cannot be made without arguments: ${String(cause)}`;
    throw stateIncompatible(message, cause);
  }
}

/** `schema()` runs `initialize` for the very class that is made, told by `new.target`. */
function sameButNotIt(schemaClass: SchemaClass): new () => object {
  const standIn = function standIn(): void {};
  standIn.prototype = schemaClass.prototype;
  return standIn as unknown as new () => object;
}
