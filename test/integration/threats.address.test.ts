import assert from "node:assert/strict";
import type { AuthContext } from "@colyseus/core";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { startTestServer } from "../support/start-test-server.ts";

interface Seen {
  readonly ip: string | undefined;
  readonly headers: string[];
}

/** What rooms of this test were told about where somebody comes from. */
function witnessRoom(): { WitnessRoom: new () => SyncRoom; seen: Record<string, Seen> } {
  const seen: Record<string, Seen> = {};
  const look = ({ ip, headers }: AuthContext): Seen => ({
    ip,
    headers: [...headers.keys()].filter((name) => /forward|real|client|connecting/.test(name)),
  });
  class WitnessRoom extends SyncRoom {
    static override onAuth(_token: string, _options: unknown, context: AuthContext) {
      seen["static onAuth"] = look(context);
      return Promise.resolve(true);
    }
    override onAuth(_client: unknown, _options: unknown, context: AuthContext): boolean {
      seen["onAuth"] = look(context);
      return true;
    }
    override onJoin(client: RoomClient): void {
      const { ip } = client.peer;
      seen["onJoin"] = { ip, headers: [] };
    }
  }
  return { WitnessRoom, seen };
}

const FORGED = {
  "X-Real-IP": "198.51.100.66",
  "X-Forwarded-For": "198.51.100.66",
  "X-Client-IP": "198.51.100.66",
  "CF-Connecting-IP": "198.51.100.66",
  Forwarded: "for=198.51.100.66",
  "X-Forwarded-Host": "evil.example",
  "X-Forwarded-Proto": "https",
};

describe("threat: a forged address", () => {
  it("is seen by no room: what a peer says of its own address is dropped", async () => {
    const { WitnessRoom, seen } = witnessRoom();
    await using server = await startTestServer({ rooms: { witness: WitnessRoom } });
    await server.joinFrames("witness", {}, { headers: FORGED });
    const local = { ip: "127.0.0.1", headers: [] };
    assert.deepEqual(seen, { "static onAuth": local, onAuth: local, onJoin: local });
  });

  it("behind a trusted proxy is the one that the proxy saw, not the one that was forged", async () => {
    const { WitnessRoom, seen } = witnessRoom();
    const trustedProxies = ["127.0.0.1", "10.0.0.0/8"];
    await using server = await startTestServer({ rooms: { witness: WitnessRoom }, trustedProxies });
    const headers = { ...FORGED, "X-Forwarded-For": "198.51.100.66, 203.0.113.5, 10.0.0.7" };
    await server.joinFrames("witness", {}, { headers });
    const real = { ip: "203.0.113.5", headers: [] };
    assert.deepEqual(seen, { "static onAuth": real, onAuth: real, onJoin: real });
  });

  it("of a host lets no page of another origin in, unless a trusted proxy says it", async () => {
    const { WitnessRoom } = witnessRoom();
    const headers = { Origin: "https://game.example", "X-Forwarded-Host": "game.example" };
    const secure = { ...headers, "X-Forwarded-Proto": "https" };
    {
      await using server = await startTestServer({ rooms: { witness: WitnessRoom } });
      const { status, sync } = await server.reserveSeat("witness", {}, { headers: secure });
      assert.deepEqual([status, sync?.code], [403, "forbidden-origin"]);
    }
    const trustedProxies = ["127.0.0.1"];
    await using server = await startTestServer({ rooms: { witness: WitnessRoom }, trustedProxies });
    await server.joinFrames("witness", {}, { headers: secure });
    const plain = { ...headers, "X-Forwarded-Proto": "http" };
    assert.equal((await server.reserveSeat("witness", {}, { headers: plain })).status, 403);
  });
});
