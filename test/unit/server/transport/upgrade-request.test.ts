import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import {
  parseUpgradeRequest,
  selectSubprotocol,
  type UpgradeRequest,
} from "../../../../server/transport/upgrade-request.ts";

function parse(url: string | undefined, subprotocols?: string): UpgradeRequest | undefined {
  const headers = subprotocols === undefined ? {} : { "sec-websocket-protocol": subprotocols };
  return parseUpgradeRequest({ url, headers } as unknown as IncomingMessage);
}

const STOCK: UpgradeRequest = {
  roomId: "room-1",
  sessionId: "s1",
  reconnectionToken: undefined,
  skipHandshake: false,
  version: undefined,
  schema: undefined,
  build: undefined,
};

describe("parseUpgradeRequest", () => {
  it("reads a stock client's join", () => {
    assert.deepEqual(parse("/process/room-1?sessionId=s1"), STOCK);
  });

  it("reads a stock client's reconnection from the query", () => {
    const url = "/process/room-1?sessionId=s1&reconnectionToken=secret&skipHandshake=1";
    const expected = { ...STOCK, reconnectionToken: "secret", skipHandshake: true };
    assert.deepEqual(parse(url), expected);
  });

  it("reads our client's version, schema and reconnection token from the subprotocols", () => {
    const subprotocols = "atrium.1, atrium-reconnect.secret, atrium-schema.00ff00ff";
    const expected = { ...STOCK, version: 1, reconnectionToken: "secret", schema: "00ff00ff" };
    assert.deepEqual(parse("/process/room-1?sessionId=s1", subprotocols), expected);
  });

  it("reads the build of our client's page", () => {
    const parsed = parse("/p/room-1?sessionId=s1", "atrium.1, atrium-build.2026-11-22_a.1");
    assert.deepEqual([parsed?.version, parsed?.build], [1, "2026-11-22_a.1"]);
  });

  it("reads subprotocols in any order and without spaces", () => {
    const parsed = parse("/p/room-1?sessionId=s1", "atrium-schema.aa,atrium-reconnect.t,atrium.12");
    assert.deepEqual([parsed?.version, parsed?.schema, parsed?.reconnectionToken], [12, "aa", "t"]);
  });

  it("prefers the token of the subprotocol to one in the URL", () => {
    const url = "/process/room-1?sessionId=s1&reconnectionToken=from-url";
    assert.equal(parse(url, "atrium.1, atrium-reconnect.header")?.reconnectionToken, "header");
  });

  it("reads a version that is no number as one that nobody speaks", () => {
    for (const version of ["x", "1x", "", "1.5", "-1"]) {
      const parsed = parse("/p/room-1?sessionId=s1", `atrium.${version}`);
      assert.notEqual(parsed?.version, undefined);
      assert.notEqual(parsed?.version, 1);
    }
  });

  const NOT_FOR_A_ROOM = [
    undefined,
    "",
    "/",
    "/process/room-1",
    "/process/room-1?sessionid=s1",
    "/room-1?sessionId=s1",
    "/a/process/room-1?sessionId=s1",
    "/process/room-1/?sessionId=s1",
    "/process/../room-1?sessionId=s1",
    "/process/room%201?sessionId=s1",
    "//room-1?sessionId=s1",
    "/process/room-1#?sessionId=s1",
    "http://host/process/room-1?sessionId=s1",
    "/process/room-1\0?sessionId=s1",
  ];
  for (const url of NOT_FOR_A_ROOM) {
    it(`does not take ${JSON.stringify(url)} for a room's`, () => {
      assert.equal(parse(url), undefined);
    });
  }

  it("does not throw at escapes that are malformed", () => {
    assert.equal(parse("/process/room-1?sessionId=%E0%A4%A")?.roomId, "room-1");
    assert.equal(parse("/process/room-1?%=%&sessionId=s1")?.sessionId, "s1");
  });
});

describe("selectSubprotocol", () => {
  it("agrees to the one that names our version, whichever it is", () => {
    assert.equal(selectSubprotocol(new Set(["atrium-schema.aa", "atrium.99"])), "atrium.99");
  });

  it("never sends a token or a schema back, and agrees to nothing it does not know", () => {
    assert.equal(selectSubprotocol(["atrium-reconnect.secret", "atrium-schema.aa"]), false);
    assert.equal(selectSubprotocol(["graphql-ws"]), false);
    assert.equal(selectSubprotocol([]), false);
  });
});
