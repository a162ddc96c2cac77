import assert from "node:assert/strict";
import { join } from "node:path";
import { useBrowser } from "../../support/browser.ts";
import { freePort } from "../../support/free-port.ts";
import { usePagePrograms } from "../../support/page-programs.ts";
import { RunningProgram } from "../../support/running-program.ts";
import { stageProgram } from "../../support/stage-program.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { dataOf, eventOf, startPatternsServer, Visitor } from "./patterns-world.ts";

const CLIENT = join(import.meta.dirname, "programs/client-program.ts");
const SERVER = join(import.meta.dirname, "programs/server-program.ts");

describe("the seed's programs for patterns, as processes", () => {
  const folder = useTemporaryFolder();

  async function start(file: string, environment: Record<string, string>): Promise<RunningProgram> {
    const staged = await stageProgram(folder(), file);
    return new RunningProgram(process.execPath, [staged], environment, folder());
  }

  it("P11 a server and a client find and hear each other", async () => {
    await using server = await start(SERVER, { PORT: "0" });
    const started = await server.waitForOutput(/^Started on port/);
    const port = Number(started.split(" ").at(-1));
    await using client = await start(CLIENT, { WEBSOCKET_URL: `ws://127.0.0.1:${port}` });
    const came = await server.waitForOutput(/^A client is here:/);
    assert.match(came, /"clientId":"[^"]+","topic":"users","timestamp":"20[^"]+Z"/);
    const said = await server.waitForOutput(/^A client says:/);
    assert.match(said, /"type":"users.message","source":"client".*Hello, this is a client!/);
    const heard = await client.waitForOutput(/^The server says:/);
    assert.match(heard, /"source":"server".*Hear, hear!.*"isDate":true/);
    assert.doesNotMatch(client.output, /Nobody listens yet|Failed/);
    using visitor = new Visitor({ port });
    await visitor.client.publish("users", eventOf("users.created", { name: "Ada" }));
    assert.match(await client.waitForOutput(/^A user was created:/), /"name":"Ada"/);
  });

  it("P13 a client that is there before its server waits for it", async () => {
    const port = await freePort();
    await using client = await start(CLIENT, { WEBSOCKET_URL: `ws://127.0.0.1:${port}` });
    await using server = await start(SERVER, { PORT: String(port) });
    await server.waitForOutput(/^A client says:/);
    await client.waitForOutput(/^The server says:/);
  });

  it("P1 WebSocket is what both sides speak unless the environment names another", async () => {
    await using server = await start(SERVER, { PORT: "0", REALTIME_SERVER_TYPE: "nats" });
    await server.waitForOutput(/options-invalid|"nats" is not built yet/);
    assert.match(server.output, /type "nats" is not built yet; there is "websocket"/);
    await using client = await start(CLIENT, { REALTIME_TRANSPORT: "nats" });
    await client.waitForOutput(/^Failed: "options-invalid"/);
  });

  it("P17 WebSocket servers are found by the environment's names", async () => {
    await using server = await start(SERVER, { PORT: "0", REALTIME_SERVER_TYPE: "websocket" });
    const started = await server.waitForOutput(/^Started on port/);
    await using client = await start(CLIENT, {
      REALTIME_TRANSPORT: "websocket",
      WEBSOCKET_URL: `ws://127.0.0.1:${started.split(" ").at(-1)}`,
    });
    await client.waitForOutput(/^Published:/);
    await using lost = await start(CLIENT, { WEBSOCKET_URL: "not an address" });
    await lost.waitForOutput(/^Failed:/);
  });
});

describe("the seed's program for patterns, in a page", () => {
  const browser = useBrowser();
  const pages = usePagePrograms({ users: CLIENT });

  it("P2 init connects a page to the server that it came from", async () => {
    await using server = await startPatternsServer({ http: pages.http });
    const received: unknown[] = [];
    server.on("message.received", ({ message }) => received.push(message.data));
    await using page = await browser().openPage(`http://127.0.0.1:${server.port}/users`);
    await page.getByText("Published:").waitFor();
    await waitUntil(() => received.length === 1);
    assert.deepEqual(received, [{ message: "Hello, this is a client!" }]);
    await server.broadcast("users", { ...eventOf("users.update"), source: "server" });
    await page.getByText(/^The server says:.*"isDate":true/).waitFor();
    using visitor = new Visitor(server);
    const heard = await visitor.follow("users");
    await visitor.client.publish("users", eventOf("users.created", "Ada"));
    await page.getByText(/^A user was created:.*"data":"Ada"/).waitFor();
    assert.deepEqual(dataOf(heard), ["Ada"]);
  });
});
