import assert from "node:assert/strict";
import { createAerostack, sdk } from "../../../server/aerostack/index.ts";
import { createServer } from "../../../server/create-server.ts";
import { silentLogger } from "../../../server/logger.ts";
import { startTestServer } from "../../support/start-test-server.ts";

describe("Aerostack's sdk", () => {
  it("is refused before a server of the process listens, and after it closed", async () => {
    const early = sdk.socket.emit("message", 1, "chat/1");
    await assert.rejects(early, { name: "SyncError", code: "closed", message: /call listen\(\)/ });
    const server = await startTestServer({ rooms: {} });
    await sdk.socket.emit("message", 1, "chat/1");
    await server.close();
    await assert.rejects(sdk.socket.emit("message", 1, "chat/1"), { code: "closed" });
  });

  it("publishes in the order in which it is called", async () => {
    await using server = await startTestServer({ rooms: {} });
    await Promise.all([1, 2, 3].map((count) => sdk.socket.emit("message", { count }, "chat/1")));
    assert.deepEqual(
      server.kit.sent.all().map(({ event, data }) => [event, data]),
      [1, 2, 3].map((count) => ["message", { count }]),
    );
  });

  for (const [what, event, data, room, code] of [
    ["a table's name", "INSERT", {}, "orders", "not-allowed"],
    ["no name", "message", {}, undefined, "topic-invalid"],
    ["an empty name", "message", {}, "", "topic-invalid"],
    ["a name with a blank", "message", {}, "chat/1 2", "topic-invalid"],
    ["an event of presence", "presence:join", {}, "chat/1", "payload-invalid"],
    ["what is no JSON", "message", { at: undefined }, "chat/1", "payload-invalid"],
    ["nothing", "message", undefined, "chat/1", "payload-invalid"],
  ] as [string, string, unknown, string, string][]) {
    it(`refuses ${what} with ${code}`, async () => {
      await using server = await startTestServer({ rooms: {} });
      await assert.rejects(sdk.socket.emit(event, data, room), { name: "SyncError", code });
      assert.equal(server.kit.sent.all().length, 0);
    });
  }
});

describe("Aerostack's sdk of a server of one's own", () => {
  it("speaks for that one", async () => {
    await using server = await startTestServer({ rooms: {} });
    await createAerostack(server.server).socket.emit("message", 1, "chat/1");
    assert.equal(server.kit.sent.all().length, 1);
    const other = createServer({ rooms: {}, logger: silentLogger });
    const { socket } = createAerostack(other);
    await assert.rejects(socket.emit("message", 1, "chat/1"), /is not open yet/);
    assert.equal(server.kit.sent.all().length, 1);
    await other.close();
  });
});
