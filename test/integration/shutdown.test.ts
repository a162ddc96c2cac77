import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { SHUTDOWN_MS } from "../../shared/limits.ts";
import { FrameClient } from "../support/frame-client.ts";
import { RunningProgram } from "../support/running-program.ts";
import type { SeatAnswer } from "../support/start-test-server.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const PROGRAM = fileURLToPath(new URL("../support/stuck-server-program.ts", import.meta.url));

/** A server in a process of its own, and its clients. */
class ServerProcess {
  readonly program: RunningProgram;
  readonly #clients: FrameClient[] = [];
  #port = "";

  constructor(...args: string[]) {
    this.program = new RunningProgram(process.execPath, [PROGRAM, ...args]);
  }

  async ready(): Promise<this> {
    this.#port = (await this.program.waitForOutput(/^port \d+$/)).slice("port ".length);
    return this;
  }

  async join(room: string, name = room): Promise<FrameClient> {
    const address = `127.0.0.1:${this.#port}`;
    const response = await fetch(`http://${address}/matchmake/joinOrCreate/${room}`, {
      method: "POST",
      body: JSON.stringify({ name }),
    });
    const { processId, roomId, sessionId } = (await response.json()) as SeatAnswer;
    const url = `ws://${address}/${processId}/${roomId}?sessionId=${sessionId}`;
    const client = new FrameClient(url);
    this.#clients.push(client);
    return client.joined();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.drop();
    await this.program[Symbol.asyncDispose]();
  }
}

describe("a server that is told to end", () => {
  const folder = useTemporaryFolder();

  it("tells its clients first, and ends with 0 although a room never does", async () => {
    await using server = await new ServerProcess().ready();
    const stuck = await server.join("stuck");
    const other = await server.join("count");
    const stopping = server.program.stop("SIGTERM");
    assert.equal((await stuck.waitForClose()).code, CloseCode.SERVER_SHUTDOWN);
    assert.equal((await other.waitForClose()).code, CloseCode.SERVER_SHUTDOWN);
    assert.equal(await stopping, 0);
    assert.match(server.program.output, /not closed within 500 ms: stuck\/stuck/);
  });

  it("ends with 0, in its time, although a client never answers the close", async () => {
    await using server = await new ServerProcess("memory:", "15000").ready();
    const silent = await server.join("count");
    silent.pause();
    const startedAt = performance.now();
    assert.equal(await server.program.stop("SIGTERM"), 0);
    assert.ok(performance.now() - startedAt < SHUTDOWN_MS);
    assert.doesNotMatch(server.program.output, /not closed/);
  });

  it("has saved what it acknowledged, in the room that never ends as well", async () => {
    const store = `sqlite:${folder()}/rooms.db`;
    {
      await using server = await new ServerProcess(store).ready();
      for (const room of ["stuck", "count"]) {
        const client = await server.join(room);
        assert.deepEqual(await client.intent("add", null), { status: 0, payload: 1 });
      }
      assert.equal(await server.program.stop("SIGTERM"), 0);
    }
    await using server = await new ServerProcess(store).ready();
    for (const room of ["stuck", "count"]) {
      const client = await server.join(room);
      assert.deepEqual(await client.intent("add", null), { status: 0, payload: 2 });
    }
  });

  it("ends at once, with 1, when Ctrl-C is pressed again", async () => {
    await using server = await new ServerProcess("memory:", "15000").ready();
    await server.join("stuck");
    const stopping = server.program.stop("SIGINT");
    const again = setInterval(() => server.program.signal("SIGINT"), 200);
    assert.equal(await stopping, 1);
    clearInterval(again);
  });
});
