import { forServers } from "../../shared/wrong-entry.ts";

// What a page gets in place of this folder's index.ts, by the condition "browser" of
// package.json. It has the same names, so that a bundler can link it and this is what is said.

function refuse(): never {
  throw forServers("atrium/testing", "atrium/client");
}

export const FakeClock: never = refuse();
export const MessageRecord: never = refuse();
export const TestServer: never = refuse();
export const createTestServer: never = refuse();
