import { matchMaker } from "@colyseus/core";
import { SyncError } from "../../shared/errors.ts";

/** Throws what the visitor is told when so many rooms of this name are open already. */
export async function refuseMoreRoomsThan(max: number, name: string, what: string): Promise<void> {
  const open = await matchMaker.query({ name });
  if (open.length < max) return;
  const text = `${open.length} ${what} are open, which is the most at a time: try again later`;
  throw new SyncError("join-refused", text);
}
