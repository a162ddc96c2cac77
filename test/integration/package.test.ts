import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { COMPACTION_PROGRAM } from "../support/compaction-program.ts";
import { build, type Rolldown } from "vite";
import { packageEntries } from "../support/entries.ts";
import { freePort } from "../support/free-port.ts";
import { readmeBlock } from "../support/readme-block.ts";
import { REPOSITORY_FOLDER, runCommand } from "../support/run-command.ts";
import { RunningProgram } from "../support/running-program.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const TSC = join(REPOSITORY_FOLDER, "node_modules/.bin/tsc");

describe("the package, installed in an empty folder", () => {
  const folder = useTemporaryFolder();
  let packedFiles: string[] = [];
  let port = 0;
  const sharedCache = process.env["NODE_COMPILE_CACHE"] ?? "";

  before("keep what its programs compile no longer than the folder", () => {
    process.env["NODE_COMPILE_CACHE"] = join(folder(), "compiled");
  });
  after(() => {
    process.env["NODE_COMPILE_CACHE"] = sharedCache;
  });

  before("pack, install and write the README's room", async function () {
    // It fetches from the registry, on a machine that may have other things to do.
    this.timeout(300_000);
    await runCommand("npm", ["pack", "--pack-destination", folder()]);
    const tarball = (await readdir(folder())).find((name) => name.endsWith(".tgz")) ?? "";
    const listed = await runCommand("tar", ["--list", "--file", join(folder(), tarball)]);
    packedFiles = listed.trim().split("\n");

    await writeFile(join(folder(), "package.json"), '{ "private": true, "type": "module" }');
    await runCommand(
      "npm",
      ["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`, "zod@^4"],
      {
        cwd: folder(),
        // A dependency that comes from git could not be fetched.
        env: { ...process.env, npm_config_git: "no-git-here" },
      },
    );

    port = await freePort();
    for (const name of ["server.ts", "client.ts"]) {
      const block = await readmeBlock(name);
      await writeFile(join(folder(), name), block.replaceAll("2567", String(port)));
    }
    const roomName = /\bjoin\(\s*("[^"]+")/.exec(await readmeBlock("client.ts"))?.[1];
    await writeFile(
      join(folder(), "visit.ts"),
      `import { connect } from "atrium/client";
      import type { server } from "./server.ts";
      const realtime = connect<typeof server>("ws://localhost:${port}");
      const room = await realtime.join(${roomName});
      console.log(JSON.stringify(room.state));
      realtime.disconnect();`,
    );
    const compilerOptions = {
      target: "es2024",
      module: "nodenext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    };
    await writeFile(join(folder(), "tsconfig.json"), JSON.stringify({ compilerOptions }));
  });

  it("holds the compiled entries, their types, the licence and what people read, nothing else", () => {
    const allowed = /^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    const compiled = /^package\/dist\/(client|server|shared)\/[\w/-]+(\.d\.ts|\.js)$/;
    const others = packedFiles.filter((path) => !allowed.test(path) && !compiled.test(path));
    assert.deepEqual(others, []);
    for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
      assert.ok(packedFiles.includes(`package/${name}`), name);
    }
  });

  it("has a file behind every entry", async () => {
    const text = await readFile(join(REPOSITORY_FOLDER, "package.json"), "utf8");
    const { exports } = JSON.parse(text) as { exports: Record<string, string | object> };
    const targets = Object.values(exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry as Record<string, string>),
    );
    for (const target of targets) {
      assert.ok(packedFiles.includes(target.replace("./", "package/")), target);
    }
  });

  it("brings no driver and no renderer that was not asked for", async () => {
    const installed = await readdir(join(folder(), "node_modules"));
    const unwanted = ["pixi.js", "react", "ioredis", "colyseus", "typescript", "vite"];
    assert.deepEqual(
      installed.filter((name) => unwanted.includes(name)),
      [],
    );
  });

  /** What a page throws, or prints, whose script a bundler has put together. */
  async function openPage(script: string): Promise<string> {
    const entry = join(folder(), "page.js");
    await writeFile(entry, script);
    const [result] = (await build({
      root: folder(),
      configFile: false,
      logLevel: "error",
      build: { write: false, minify: true, lib: { entry, formats: ["es"], fileName: "page" } },
    })) as Rolldown.RolldownOutput[];
    const bundle = join(folder(), "built-page.js");
    await writeFile(bundle, result?.output[0].code ?? "");
    const run = runCommand(process.execPath, [bundle], { cwd: folder() });
    return run.catch((error: Error) => error.message);
  }

  it("is built into a page by vite, which says at once where a server's entry belongs", async () => {
    const thrown = await openPage(
      'import { createServer } from "atrium/server"; globalThis.page = createServer;',
    );
    assert.match(thrown, /"atrium\/server" is for servers .* import "atrium\/client" there/);
    const printed = await openPage(
      `import { connect } from "atrium/client";
      console.log(typeof connect);`,
    );
    assert.equal(printed.trim(), "function");
  });

  it("says in a server where a page's entry belongs, also where React is not installed", async () => {
    for (const facade of ["devvit", "aerostack"]) {
      const program = `import "atrium/client/${facade}";`;
      await assert.rejects(
        runCommand(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder() }),
        new RegExp(`import "atrium/server/${facade}" there`),
      );
    }
  });

  it("type-checks the README's room, its page and a wrong room name", async () => {
    await runCommand(TSC, [], { cwd: folder() });
    const visit = await readFile(join(folder(), "visit.ts"), "utf8");
    const wrong = visit.replace(/join\("[^"]+"/, 'join("no-such-room"');
    await writeFile(join(folder(), "wrong.ts"), wrong);
    await assert.rejects(runCommand(TSC, [], { cwd: folder() }), /no-such-room/);
  });

  it("has no error in its own declarations", async () => {
    const modules = join(folder(), "node_modules");
    await mkdir(join(modules, "@types"), { recursive: true });
    for (const peer of ["pixi.js", "react", "@types/react", "csstype"]) {
      await symlink(join(REPOSITORY_FOLDER, "node_modules", peer), join(modules, peer));
    }
    const imports = packageEntries().map(
      ({ name }, index) => `export * as entry${index} from "${name}";\n`,
    );
    await writeFile(join(folder(), "entries.ts"), imports.join(""));
    const args = [
      "--noEmit",
      "--strict",
      "--target",
      "es2024",
      "--module",
      "nodenext",
      "entries.ts",
    ];
    const found = await runCommand(TSC, ["--ignoreConfig", ...args], { cwd: folder() }).catch(
      (error: Error) => error.message,
    );
    // Packages that we depend on have errors of their own; ours are what counts.
    assert.deepEqual(found.match(/^.*node_modules\/atrium\/.*error.*$/gm) ?? [], []);
    assert.doesNotMatch(found, /^entries\.ts/m);
  });

  it("compacts durable rooms in a worker of its own", async () => {
    // As a build would have it: what a worker of the package can import.
    await writeFile(
      join(folder(), "compact-room.js"),
      "export const compactRoom = (snapshot, ticks) => ticks.at(-1);",
    );
    const here = pathToFileURL(`${folder()}/`);
    const dist = new URL("node_modules/atrium/dist/", here).href;
    const compactRoom = new URL("compact-room.js", here).href;
    const args = [dist, "js", join(folder(), "rooms.db"), compactRoom, "close"];
    const output = await runCommand(
      process.execPath,
      ["--input-type=module", "--eval", COMPACTION_PROGRAM, ...args],
      { timeout: 20_000 },
    );
    assert.equal(output, "1\n");
  });

  it("runs the README's room and its page's script, and takes a visitor", async () => {
    await using server = new RunningProgram(process.execPath, ["server.ts"], {}, folder());
    const visited = await waitUntil(
      () => runCommand(process.execPath, ["visit.ts"], { cwd: folder(), timeout: 10_000 }),
      { what: "the README's room takes a visitor" },
    );
    assert.equal(typeof JSON.parse(visited), "object");
    // The script prints the pixel that it placed, as the room's state tells it.
    await using page = new RunningProgram(process.execPath, ["client.ts"], {}, folder());
    await page.waitForOutput(/^3 4 5$/);
    assert.ok(server.isRunning, server.output);
  });
});
