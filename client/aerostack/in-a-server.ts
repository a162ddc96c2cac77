import { forPages, isPlainNode } from "../../shared/wrong-entry.ts";

// What Node gets in place of this folder's index.ts, by the condition "node" of package.json: a
// sentence in a server, and in a test with a stand-in for a page the very same names. Only
// then is the rest imported: a server may not even have React.

if (isPlainNode()) throw forPages("atrium/client/aerostack", "atrium/server/aerostack");

// This is the entry itself, as Node sees it.
// oxlint-disable no-restricted-imports
export const {
  AerostackChannel,
  AerostackProvider,
  AerostackRealtime,
  SyncError,
  createAerostack,
  useAerostack,
  useAuth,
} = await import("./index.ts");
