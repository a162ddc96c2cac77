import { type ChangeTree, OPERATION } from "@colyseus/schema";
import { ArrayStep } from "./record-form.ts";
import { type ArrayInternals, arrayInternals } from "./state-internals.ts";

export interface StepAt {
  /** Place among the elements of before and those that were added, in their order. */
  readonly slot: number;
  readonly step: number;
}

/**
 * What the open tick did to an array that had `lengthBefore` elements, by ascending slot.
 * Undefined when the package's notes do not tell: elements were turned round or sorted, all
 * were removed, or one was added and removed again in a way that upstream forgets. Then the
 * array has to be written whole.
 */
export function arraySteps(
  tree: ChangeTree,
  lengthBefore: number | undefined,
): StepAt[] | undefined {
  if (lengthBefore === undefined || (tree.collPureOps?.length ?? 0) > 0) return undefined;
  const array = arrayInternals(tree.refTarget as object);
  const steps: StepAt[] = [];
  let removed = 0;
  let inserted = 0;
  let isTailOnly = true;
  for (const [slot, operation] of tree.collDirty ?? []) {
    const isRemoved = array.deletedIndexes[slot] === true;
    if (isRemoved !== (operation === OPERATION.DELETE)) return undefined;
    const isInserted = operation === OPERATION.ADD;
    if (isRemoved) removed += 1;
    if (isInserted) inserted += 1;
    if (isRemoved || (isInserted && slot < lengthBefore)) isTailOnly = false;
    const added = isInserted ? ArrayStep.INSERT : ArrayStep.REPLACE;
    steps.push({ slot, step: isRemoved ? ArrayStep.REMOVE : added });
  }
  const { length } = array.tmpItems;
  if (length - inserted !== lengthBefore || length - removed !== array.items.length) {
    return undefined;
  }
  steps.sort((one, other) => one.slot - other.slot);
  return areTrue(array, steps, isTailOnly) ? steps : undefined;
}

/** Whether the slots lead to the elements that are there now: all of them if they moved. */
function areTrue(
  { items, tmpItems, deletedIndexes }: ArrayInternals,
  steps: StepAt[],
  isTailOnly: boolean,
): boolean {
  if (isTailOnly) return steps.every(({ slot }) => Object.is(tmpItems[slot], items[slot]));
  let at = 0;
  for (let slot = 0; slot < tmpItems.length; slot++) {
    if (deletedIndexes[slot] === true) continue;
    if (!Object.is(tmpItems[slot], items[at++])) return false;
  }
  return at === items.length;
}
