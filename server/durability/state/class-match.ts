import { TypeContext } from "@colyseus/schema";
import {
  defineClass,
  isSameDefinition,
  typeText,
  type ClassDefinition,
} from "./class-definition.ts";
import { stateIncompatible } from "./state-incompatible.ts";
import { fieldsOfClass, type SchemaClass } from "./state-internals.ts";

/**
 * Finds the classes of a game for those that a record describes: by where they stand in the
 * state, and by name where several can stand there. Throws `state-incompatible` when the
 * game has none, or one that can no longer hold what was saved.
 */
export class ClassMatch {
  readonly #known: readonly SchemaClass[];
  readonly #matches = new Map<ClassDefinition, SchemaClass>();
  #isExact = true;

  constructor(stateClass: SchemaClass) {
    // Not the package's own, which is made once and knows no class that came later.
    this.#known = [...new TypeContext(stateClass).schemas.keys()];
  }

  /** Whether every class that was matched has just the fields that it had. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** Of what was saved, by the numbers that records give to classes. */
  get matches(): ReadonlyMap<SchemaClass, number> {
    return new Map([...this.#matches].map(([{ id }, schemaClass]) => [schemaClass, id]));
  }

  /** The class for `saved` where one of class `declared` can stand, or of one that extends it. */
  of(saved: ClassDefinition, declared: SchemaClass): SchemaClass {
    let match = this.#matches.get(saved);
    if (match === undefined) {
      match = this.#find(saved, declared);
      const lost = differences(saved, match);
      if (lost.length > 0) throw stateIncompatible(`the state has changed: ${lost.join("; ")}`);
      if (!isSameDefinition(saved, defineClass(saved.id, match))) this.#isExact = false;
      this.#matches.set(saved, match);
    }
    if (match === declared || match.prototype instanceof declared) return match;
    throw stateIncompatible(`a saved ${saved.name} stands where a ${declared.name} belongs`);
  }

  #find(saved: ClassDefinition, declared: SchemaClass): SchemaClass {
    const candidates = this.#known.filter(
      (each) => each === declared || each.prototype instanceof declared,
    );
    // With one class to choose from its name does not matter: it may have got another.
    if (candidates.length <= 1) return declared;
    const named = candidates.filter(({ name }) => name === saved.name);
    if (named.length === 0) {
      const names = candidates.map(({ name }) => name).join(", ");
      throw stateIncompatible(`class ${saved.name} of the state is unknown; there are ${names}`);
    }
    if (named.length === 1) return named[0]!;
    const fitting = named.filter((each) => differences(saved, each).length === 0);
    const alike = fitting.filter((each) => fieldsOfClass(each).length === saved.fields.length);
    const [only, another] = alike.length > 0 ? alike : fitting;
    if (only !== undefined && another === undefined) return only;
    throw stateIncompatible(`there are ${named.length} classes ${saved.name} to choose from`);
  }
}

/** What a class cannot hold any more, in words. */
function differences(saved: ClassDefinition, schemaClass: SchemaClass): string[] {
  const fields = new Map(fieldsOfClass(schemaClass).map((field) => [field.name, field]));
  return saved.fields.flatMap(({ name, type }) => {
    const field = fields.get(name);
    if (field === undefined) return `${saved.name} has no field "${name}" any more`;
    const now = typeText(field.type);
    return now === type ? [] : `field "${name}" of ${saved.name} was ${type} and is ${now}`;
  });
}
