import assert from "node:assert/strict";
import { serveSite } from "../../examples/site.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { sayRaw, statusesOf } from "../support/raw-peer.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

class QuietRoom extends SyncRoom {}

const rooms = { quiet: QuietRoom };
const KEYS = ["a key of sixteen"];
const HOST = "Host: localhost\r\n";
const JOIN = `POST /matchmake/joinOrCreate/quiet HTTP/1.1\r\n${HOST}`;
const H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";

/** Two servers on the way could disagree where each of these ends. */
const AMBIGUOUS: [what: string, text: string][] = [
  ["a length and chunks", `Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`],
  ["two lengths", `Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}`],
  ["a length below zero", `Content-Length: -1\r\n\r\n{}`],
  ["chunks of another name", `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["a space before a colon", `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ["half a line break", `X: y\nContent-Length: 2\r\n\r\n{}`],
];

const SECRET_PATHS = [
  "/../../../../etc/passwd",
  "/%2e%2e/%2e%2e/package.json",
  "/..%2f..%2fpackage.json",
  "/..\\..\\package.json",
  "/%00",
  "/%zz",
  "/.git/config",
  "/assets/../../../package.json",
  "//api/admin/rooms",
  "/x/../api/admin/rooms",
  "/api/%61dmin/rooms",
  "/healthz/../metrics",
  "/metrics/",
  "http://localhost/metrics",
];

describe("threat: requests that are not what they seem", () => {
  for (const [what, text] of AMBIGUOUS) {
    it(`with ${what} are refused, and the connection is closed`, async () => {
      await using server = await startTestServer({ rooms });
      const peer = await sayRaw(server.server.port, `${JOIN}${text}${JOIN}\r\n`);
      await waitUntil(() => peer.received !== "");
      peer.socket.end();
      await waitUntil(() => peer.isClosed);
      assert.deepEqual(statusesOf(peer), [400]);
    });
  }

  it("are answered one by one when they come in one piece, each with its own key", async () => {
    const keys = { metrics: { keys: KEYS }, admin: { keys: ["another of sixteen"] } };
    await using server = await startTestServer({ rooms, ...keys });
    const text = [
      `GET /metrics HTTP/1.1\r\n${HOST}Authorization: Bearer ${KEYS[0]}\r\n\r\n`,
      `GET /metrics HTTP/1.1\r\n${HOST}\r\n`,
      `GET /api/admin/rooms HTTP/1.1\r\n${HOST}Authorization: Bearer ${KEYS[0]}\r\n\r\n`,
    ];
    const peer = await sayRaw(server.server.port, text.join(""));
    await waitUntil(() => statusesOf(peer).length === 3);
    assert.deepEqual(statusesOf(peer), [200, 401, 401]);
    peer.socket.destroy();
  });

  it("for files that are not pages, and for other spellings of routes, find nothing", async () => {
    const keys = { metrics: { keys: KEYS }, admin: { keys: KEYS } };
    await using server = await startTestServer({ rooms, ...keys, http: serveSite() });
    for (const path of SECRET_PATHS) {
      const peer = await sayRaw(server.server.port, `GET ${path} HTTP/1.1\r\n${HOST}\r\n`);
      await waitUntil(() => peer.received.endsWith("There is no such page here.\n"), {
        what: path,
      });
      assert.deepEqual(statusesOf(peer), [404], path);
      peer.socket.destroy();
    }
  });

  it("of methods that there are not, or of tunnels, are refused", async () => {
    await using server = await startTestServer({ rooms });
    for (const [line, statuses] of [
      ["CONNECT elsewhere:443", []],
      ["TRACE /", [404]],
      ["PROPFIND /matchmake/joinOrCreate/quiet", [404]],
      ["NONSENSE /", [400]],
    ] as const) {
      const peer = await sayRaw(server.server.port, `${line} HTTP/1.1\r\n${HOST}\r\n`);
      peer.socket.end();
      await waitUntil(() => peer.isClosed);
      assert.deepEqual(statusesOf(peer), statuses, line);
    }
  });

  it("that offer another protocol as well are answered in this one", async () => {
    await using server = await startTestServer({ rooms });
    const peer = await sayRaw(server.server.port, `GET /healthz HTTP/1.1\r\n${HOST}${H2C}\r\n`);
    await waitUntil(() => peer.received.includes("ready"));
    assert.deepEqual(statusesOf(peer), [200]);
    peer.socket.destroy();
  });
});
