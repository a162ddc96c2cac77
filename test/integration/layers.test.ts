import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { REPOSITORY_FOLDER, runCommand } from "../support/run-command.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const FOLDERS = ["shared", "server", "client", "examples", "test"];

/** Files to be imported, at least one of each folder. */
const THINGS = [
  "shared/thing.ts",
  "server/thing.ts",
  "server/index.ts",
  "client/thing.ts",
  "client/pixi/thing.ts",
  "client/react/thing.ts",
  "examples/thing.ts",
  "test/thing.ts",
];

interface Import {
  from: string;
  what: string;
  /** Whether the compiler refuses it as well, which knows folders only. */
  isAcrossFolders: boolean;
}

const across = (from: string, ...others: string[]): Import[] =>
  others.map((other) => ({ from, what: `../${other}/thing.ts`, isAcrossFolders: true }));
const within = (from: string, what: string): Import => ({ from, what, isAcrossFolders: false });

const FORBIDDEN: Import[] = [
  ...across("shared", "server", "client", "examples", "test"),
  ...across("server", "client", "examples", "test"),
  ...across("client", "server", "examples", "test"),
  ...across("client/pixi", "../server", "../examples", "../test"),
  ...across("client/react", "../server", "../examples", "../test"),
  ...across("examples", "test"),
  within("shared", "node:fs/promises"),
  within("server", "./index.ts"),
  within("client", "./pixi/thing.ts"),
  within("client", "./react/thing.ts"),
  within("client", "pixi.js"),
  within("client", "react"),
  within("client", "node:fs/promises"),
  within("client/pixi", "node:fs"),
];

const ALLOWED: Import[] = [
  ...across("server", "shared"),
  ...across("client", "shared"),
  ...across("client/pixi", "../shared"),
  ...across("client/react", "../shared"),
  ...across("examples", "shared", "server", "client", "client/pixi", "client/react"),
  ...across("test", "shared", "server", "client", "client/pixi", "client/react", "examples"),
  within("client/pixi", "../thing.ts"),
  within("client/pixi", "pixi.js"),
  within("client/react", "../thing.ts"),
  within("client/react", "react"),
];

/** What packages export; our own things are called `thing`. */
const NAMES: Readonly<Record<string, string>> = { "pixi.js": "Container", react: "useState" };

const KINDS = ["import", "import type"];

describe("the layers of the house", () => {
  const folder = useTemporaryFolder();
  let lintOutput = "";
  let typesOutput = "";

  function fileOf({ from, what }: Import, kind: string): string {
    const name = `${kind} ${what}`.replaceAll(/[^a-z]+/g, "-");
    return `${from}/${name}.ts`;
  }

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder(), path)), { recursive: true });
    await writeFile(join(folder(), path), text);
  }

  /** What a tool that fails has printed. */
  function complaints(program: string, args: string[]): Promise<string> {
    const path = join(REPOSITORY_FOLDER, "node_modules/.bin", program);
    return runCommand(path, args, { cwd: folder() }).catch((error: Error) => error.message);
  }

  before("plant the imports in a copy of the folders, and ask both tools", async () => {
    const rules = await readFile(join(REPOSITORY_FOLDER, ".oxlintrc.json"), "utf8");
    // Imports need no types, and types would need the whole project.
    await write(".oxlintrc.json", rules.replace('"typeAware": true', '"typeAware": false'));
    const configs = FOLDERS.map((each) => `${each}/tsconfig.json`);
    for (const thing of THINGS) await write(thing, "export const thing = 1;\n");
    for (const config of ["tsconfig.json", "tsconfig.base.json", "package.json", ...configs]) {
      await copyFile(join(REPOSITORY_FOLDER, config), join(folder(), config));
    }
    await symlink(join(REPOSITORY_FOLDER, "node_modules"), join(folder(), "node_modules"));
    for (const each of [...FORBIDDEN, ...ALLOWED]) {
      for (const kind of KINDS) {
        const name = NAMES[each.what] ?? "thing";
        const text = `${kind} { ${name} } from "${each.what}";\nexport type Use = typeof ${name};\n`;
        await write(fileOf(each, kind), text);
      }
    }
    [lintOutput, typesOutput] = await Promise.all([
      complaints("oxlint", ["--format", "unix"]),
      complaints("tsc", ["-b", "--pretty", "false"]),
    ]);
  });

  for (const each of FORBIDDEN) {
    it(`let no file in ${each.from}/ import ${each.what}, not even its types`, () => {
      for (const kind of KINDS) {
        const file = fileOf(each, kind);
        assert.match(lintOutput, new RegExp(`${file}:.*no-restricted-imports`), lintOutput);
        if (each.isAcrossFolders) {
          assert.match(typesOutput, new RegExp(`from file '[^']*/${file}'`), typesOutput);
        }
      }
    });
  }

  for (const each of ALLOWED) {
    it(`let files in ${each.from}/ import ${each.what}`, () => {
      for (const kind of KINDS) {
        const file = fileOf(each, kind);
        assert.doesNotMatch(lintOutput, new RegExp(`${file}:.*no-restricted-imports`));
        assert.doesNotMatch(typesOutput, new RegExp(`${file}\\b`));
      }
    });
  }
});
