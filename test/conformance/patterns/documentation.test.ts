import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";
import { documentBlock } from "../../support/readme-block.ts";
import { REPOSITORY_FOLDER, runCommand } from "../../support/run-command.ts";
import { RunningProgram } from "../../support/running-program.ts";
import { withSourceEntries } from "../../support/stage-program.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { eventOf, Visitor } from "./patterns-world.ts";

const BLOCKS = ["server.ts", "client.ts", "attached.ts"];

describe("docs/from-patterns.md", () => {
  const folder = useTemporaryFolder();

  before("write its code blocks down", async () => {
    for (const name of BLOCKS) {
      const block = await documentBlock("docs/from-patterns.md", name);
      await writeFile(join(folder(), name), withSourceEntries(block));
    }
  });

  function start(name: string, environment: Record<string, string>): RunningProgram {
    return new RunningProgram(process.execPath, [name], environment, folder());
  }

  it("has a server and a client that hear each other", async () => {
    const port = await freePort();
    await using server = start("server.ts", { PORT: String(port) });
    await using client = start("client.ts", { WEBSOCKET_URL: `ws://localhost:${port}` });
    await server.waitForOutput(/^connected \S+ users$/);
    await server.waitForOutput(/^received users\.message .*Hello from client!/);
    await client.waitForOutput(/^update .*Important update!.* true$/);
    await client.waitForOutput(/^thanks$/);
  });

  it("has a server of pages that carries topics, too", async () => {
    const port = await freePort();
    await using server = start("attached.ts", { PORT: String(port) });
    const load = async (): Promise<string> => (await fetch(`http://localhost:${port}/`)).text();
    const page = await waitUntil(load, { timeoutMs: 20_000 });
    assert.equal(page, "<h1>My site</h1>");
    using visitor = new Visitor({ port });
    const heard = await visitor.follow("users");
    await visitor.client.publish("users", eventOf("hello"));
    await waitUntil(() => heard.length === 1);
    assert.ok(server.isRunning);
  });

  it("has code that compiles", async () => {
    const compilerOptions = {
      target: "es2024",
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: ["node"],
      typeRoots: [join(REPOSITORY_FOLDER, "node_modules/@types")],
      lib: ["es2024", "dom", "dom.iterable"],
    };
    const include = BLOCKS;
    await writeFile(join(folder(), "package.json"), '{ "type": "module" }');
    await writeFile(join(folder(), "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    await runCommand(join(REPOSITORY_FOLDER, "node_modules/.bin/tsc"), [], { cwd: folder() });
  });
});
