import { forServers } from "../shared/wrong-entry.ts";

// What a page gets in place of this folder's index.ts, by the condition "browser" of
// package.json. It has the same names, so that a bundler can link it and this is what is said.

function refuse(): never {
  throw forServers("atrium/server", "atrium/client");
}

export const CloseCode: never = refuse();
export const RealtimeServer: never = refuse();
export const SyncError: never = refuse();
export const SyncRoom: never = refuse();
export const aerostack: never = refuse();
export const backupStore: never = refuse();
export const closeOnSignals: never = refuse();
export const createServer: never = refuse();
export const devvit: never = refuse();
export const devvitBlocks: never = refuse();
export const intent: never = refuse();
export const jwt: never = refuse();
export const patterns: never = refuse();
export const pinoLogger: never = refuse();
export const silentLogger: never = refuse();
export const stderrLogger: never = refuse();
