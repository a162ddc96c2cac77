import type { StateCopies } from "./state-copies.ts";

/** A state that changes in place, and how often it has. */
export interface VersionedState {
  /** Undefined before the first one. */
  readonly state: unknown;
  readonly version: number;
  readonly copies: StateCopies;
}

/** What one selector picks out of a state: the same value until that part of it changes. */
export class StateSelection {
  readonly #source: VersionedState;
  readonly #select: (state: unknown) => unknown;
  #version = -1;
  #value: unknown;

  /** `previous` is what the component shows: an equal value will be that very one. */
  constructor(source: VersionedState, select: (state: unknown) => unknown, previous: unknown) {
    this.#source = source;
    this.#select = select;
    this.#value = previous;
  }

  readonly read = (): unknown => {
    const { state, version, copies } = this.#source;
    if (version !== this.#version) {
      this.#value = state === undefined ? undefined : copies.copy(this.#select(state), this.#value);
      this.#version = version;
    }
    return this.#value;
  };
}

/** What a component shows: of renders that were thrown away nothing. */
export class ShownValue {
  #value: unknown;

  get value(): unknown {
    return this.#value;
  }

  keep(value: unknown): void {
    this.#value = value;
  }
}
