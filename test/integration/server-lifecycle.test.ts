import assert from "node:assert/strict";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { createServer } from "../../server/create-server.ts";
import { silentLogger } from "../../server/logger.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";

const Count = schema({ value: t.number().default(0) }, "LifecycleCount");
type Count = SchemaType<typeof Count>;

class CountRoom extends SyncRoom<{ state: Count }> {
  override state = new Count();
  override messages = { add: () => (this.state.value += 1) };
}

/** Takes as long to end as the test says. */
class LastingRoom extends SyncRoom {
  readonly ending = Promise.withResolvers<void>();

  override onDispose(): Promise<void> {
    return this.ending.promise;
  }
}

const rooms = { count: CountRoom };

function anotherServer(): RealtimeServer<typeof rooms> {
  return createServer({ rooms, guestSecret: new Uint8Array(32), logger: silentLogger });
}

/** A port that somebody else listens on. */
async function takePort(): Promise<{ port: number; holder: HttpServer }> {
  const holder = createHttpServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  return { port: (holder.address() as AddressInfo).port, holder };
}

describe("a server", () => {
  it("rejects a port that is taken, and listens on another one afterwards", async () => {
    const { port, holder } = await takePort();
    await using server = anotherServer();
    await assert.rejects(server.listen(port, "127.0.0.1"), { code: "EADDRINUSE" });
    assert.equal(server.port, 0);
    await server.listen(0, "127.0.0.1");
    assert.notEqual(server.port, 0);
    holder.close();
  });

  it("leaves the process free for another one when its port is taken", async () => {
    const { port, holder } = await takePort();
    await using server = anotherServer();
    await assert.rejects(server.listen(port, "127.0.0.1"), { code: "EADDRINUSE" });
    await using other = await startTestServer({ rooms });
    assert.equal((await other.reserveSeat("count")).status, 200);
    holder.close();
  });

  it("is the only one of its process that is open, and says so to a second", async () => {
    await using server = await startTestServer({ rooms });
    await using second = anotherServer();
    await assert.rejects(second.listen(0, "127.0.0.1"), { code: "already-listening" });
    assert.equal((await server.reserveSeat("count")).status, 200);
  });

  it("is not touched when another one that never listened is closed", async () => {
    await using server = await startTestServer({ rooms });
    const client = await server.joinFrames("count");
    const second = anotherServer();
    await assert.rejects(second.listen(0, "127.0.0.1"));
    await second.close();
    assert.deepEqual(await client.intent("add", null), { status: 0, payload: 1 });
    assert.equal((await server.reserveSeat("count")).status, 200);
  });

  it("closes without having listened, before and after others did", async () => {
    await anotherServer().close();
    {
      await using server = await startTestServer({ rooms });
      await server.joinFrames("count");
    }
    await anotherServer().close();
  });

  it("tells its clients to come back when it closes, and then takes nobody", async () => {
    const server = await startTestServer({ rooms });
    const { httpUrl } = server;
    const client = await server.joinFrames("count");
    const stock = await server.joinStock("count");
    const codes = Promise.all([
      client.waitForClose().then(({ code }) => code),
      new Promise((resolve) => stock.onLeave(resolve)),
    ]);
    await server.server.close();
    assert.deepEqual(await codes, [CloseCode.SERVER_SHUTDOWN, CloseCode.SERVER_SHUTDOWN]);
    await assert.rejects(fetch(httpUrl));
  });

  it("leaves who comes while it closes to the next process, seats that are held as well", async () => {
    await using server = await startTestServer({ rooms: { ...rooms, lasting: LastingRoom } });
    const lasting = await server.joinFrames("lasting");
    const { ending } = localRoom(LastingRoom, lasting.seat);
    const client = await server.joinFrames("count");
    const untaken = await server.reserveSeat("count");
    const closing = server.server.close();
    await client.waitForClose();
    const { roomId } = client.seat;
    const asked = [
      await server.reserveSeat("count"),
      await server.reserveSeat(roomId, {}, { method: "joinById" }),
      await server.reserveSeat(roomId, { reconnectionToken: "any" }, { method: "reconnect" }),
    ];
    const answers = asked.map(({ status, sync }) => `${status} ${sync?.code}`);
    assert.deepEqual(
      answers,
      asked.map(() => "503 unreachable"),
    );
    assert.equal((await server.takeSeat(untaken).waitForClose()).code, CloseCode.ABNORMAL);
    ending.resolve();
    await closing;
  });

  it("closes once however often it is asked to", async () => {
    const server = await startTestServer({ rooms });
    await server.joinFrames("count");
    await Promise.all([server.server.close(), server.server.close()]);
    await server.server.close();
  });

  it("answers what is not its own with 404, or hands it to `http`", async () => {
    {
      await using server = await startTestServer({ rooms });
      assert.equal((await fetch(`${server.httpUrl}/anything`)).status, 404);
    }
    await using server = await startTestServer({
      rooms,
      http: (request, response) => void response.end(`page of ${request.url}`),
    });
    const page = await fetch(`${server.httpUrl}/about?x=1`);
    assert.equal(await page.text(), "page of /about?x=1");
    assert.equal((await server.reserveSeat("count")).status, 200);
  });
});
