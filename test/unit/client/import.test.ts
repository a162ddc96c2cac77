import assert from "node:assert/strict";
import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { REPOSITORY_FOLDER, runCommand } from "../../support/run-command.ts";

const ENTRY = join(REPOSITORY_FOLDER, "client/index.ts");

/** All that a page with the client may load from others. */
const PACKAGES = ["@colyseus/schema", "@colyseus/shared-types", "fflate", "msgpackr"];

/** Prints what importing the client left behind in a fresh process. */
const SCRIPT = `
  const touched = [];
  for (const name of ["fetch", "WebSocket", "localStorage"]) {
    Object.defineProperty(globalThis, name, { get: () => { touched.push(name); } });
  }
  for (const name of ["setTimeout", "setInterval", "addEventListener"]) {
    globalThis[name] = () => { touched.push(name); };
  }
  const names = new Set(Object.getOwnPropertyNames(globalThis));
  const client = await import(${JSON.stringify(ENTRY)});
  process.stdout.write(JSON.stringify({
    touched,
    // The pipes are this process's own output.
    handles: process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap"),
    newGlobals: Object.getOwnPropertyNames(globalThis).filter((name) => !names.has(name)),
    exports: Object.keys(client).toSorted(),
  }));
`;

describe("Importing atrium/client", () => {
  it("does nothing: no timer, listener, request, storage, global or output", async () => {
    const printed = await runCommand(process.execPath, ["--input-type=module", "-e", SCRIPT]);
    assert.deepEqual(JSON.parse(printed), {
      touched: [],
      handles: [],
      newGlobals: [],
      exports: ["CloseCode", "JoinedRoom", "RealtimeClient", "SyncError", "connect"],
    });
  });

  it(`loads nothing into a page but its own files and ${PACKAGES.join(", ")}`, async () => {
    const output = (await build({
      configFile: false,
      logLevel: "silent",
      build: { write: false, lib: { entry: ENTRY, formats: ["es"], fileName: "client" } },
    })) as Rolldown.RolldownOutput[];
    const modules = output
      .flatMap(({ output: chunks }) => chunks)
      .flatMap((chunk) => (chunk.type === "chunk" ? Object.keys(chunk.modules) : []))
      .filter((id) => !id.startsWith("\0"));
    const packages = modules
      .filter((id) => id.includes("/node_modules/"))
      .map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)![1]!);
    assert.deepEqual([...new Set(packages)].toSorted(), PACKAGES);
    const own = modules.filter((id) => !id.includes("/node_modules/"));
    assert.ok(own.length > 0);
    for (const id of own) {
      assert.match(id.slice(REPOSITORY_FOLDER.length), /^\/(client\/(?!pixi|react)|shared\/)/);
    }
  });
});
