import type { CompactRoom } from "./room-store.ts";

/** Imports what a module exports as `compactRoom`. */
export async function loadCompactRoom(url: URL | undefined): Promise<CompactRoom | undefined> {
  if (url === undefined) return undefined;
  const { compactRoom } = (await import(url.href)) as { compactRoom: CompactRoom };
  return compactRoom;
}
