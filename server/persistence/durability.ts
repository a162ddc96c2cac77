/**
 * What a write survives once it has resolved:
 * - `process-crash`: the end of the process, also by `kill -9`. A power failure may take the
 *   last moments; what is left is everything up to some write.
 * - `power-loss`: that too, as far as the disk keeps what it says it has written. Every
 *   group of writes waits for the disk.
 */
export type Durability = "process-crash" | "power-loss";

export function isDurability(text: string): text is Durability {
  return text === "process-crash" || text === "power-loss";
}
