import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { createServer, SyncRoom } from "../../server/index.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Count = schema({ count: t.number().default(0) }, "Count");

class CountRoom extends SyncRoom<{ state: SchemaType<typeof Count> }> {
  override state = new Count();
}

const rooms = { count: CountRoom };
const VERSION = `atrium.${PROTOCOL_VERSION}`;

describe("a server that names the build of its pages", () => {
  it("tells it in the hello, and lets pages in that are of it or do not say", async () => {
    await using server = await startTestServer({ rooms, build: "second" });
    for (const subprotocols of [[VERSION], [VERSION, "atrium-build.second"]]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const page = await server.joinFrames("count", {}, { subprotocols });
      assert.equal(page.hello?.build, "second");
    }
  });

  it("closes a page of another build with 4100, and keeps its seat for the newer one", async () => {
    await using server = await startTestServer({ rooms, build: "second" });
    const client = await server.joinFrames("count");
    const room = localRoom(CountRoom, client.seat);
    client.drop();
    await waitUntil(() => room.clients.length === 0);
    const { reconnectionToken } = client;
    const { token = "" } = client.seat.identity;
    const comeBack = async (...more: string[]): Promise<ReturnType<typeof server.takeSeat>> => {
      const how = { method: "reconnect", token };
      const seat = await server.reserveSeat(client.seat.roomId, { reconnectionToken }, how);
      assert.equal(seat.sessionId, client.seat.sessionId);
      const subprotocols = [VERSION, `atrium-reconnect.${reconnectionToken}`, ...more];
      return server.takeSeat(seat, { subprotocols });
    };
    const older = await comeBack("atrium-build.first");
    assert.equal((await older.waitForClose()).code, CloseCode.VERSION_MISMATCH);
    assert.equal(older.hello?.build, "second");
    assert.equal(room.clients.length, 0);

    await (await comeBack()).joined();
    assert.equal(room.clients[0]?.sessionId, client.seat.sessionId);
  });

  for (const build of ["", "a b", "a,b", "a/b", "ü", "x".repeat(65)]) {
    it(`refuses to call it ${JSON.stringify(build).slice(0, 12)}`, () => {
      assert.throws(() => createServer({ rooms, build }), { code: "options-invalid" });
    });
  }
});

describe("a server that names no build", () => {
  it("lets pages of any build in", async () => {
    await using server = await startTestServer({ rooms });
    const subprotocols = [VERSION, "atrium-build.first"];
    const page = await server.joinFrames("count", {}, { subprotocols });
    assert.equal(page.hello?.build, undefined);
  });
});
