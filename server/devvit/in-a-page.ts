import { forServers } from "../../shared/wrong-entry.ts";

// What a page gets in place of this folder's index.ts, by the condition "browser" of
// package.json. It has the same names, so that a bundler can link it and this is what is said.

function refuse(): never {
  throw forServers("atrium/server/devvit", "atrium/client/devvit");
}

export const Devvit: never = refuse();
export const SyncError: never = refuse();
export const createDevvit: never = refuse();
export const realtime: never = refuse();
