import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY_FOLDER, runCommand } from "../support/run-command.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

interface LockedPackage {
  integrity?: string;
  link?: boolean;
}

async function readLockfile(): Promise<{ text: string; packages: [string, LockedPackage][] }> {
  const text = await readFile(join(REPOSITORY_FOLDER, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
  return { text, packages: Object.entries(packages).filter(([path]) => path !== "") };
}

describe("package-lock.json", () => {
  const folder = useTemporaryFolder();

  it("names no host to download from and no git address", async () => {
    const { text } = await readLockfile();
    assert.doesNotMatch(text, /"resolved"/);
    assert.doesNotMatch(text, /git(\+|:\/\/|hub:)/);
    // The addresses that are left say where a package asks for donations.
    for (const line of text.match(/^.*:\/\/.*$/gm) ?? []) {
      assert.match(line, /^\s*"(url|funding)": "https:\/\/[^"]+",?$/);
    }
  });

  it("pins every package by the hash of its contents", async () => {
    const { packages } = await readLockfile();
    assert.ok(packages.length > 100);
    for (const [path, { integrity, link }] of packages) {
      assert.match(integrity ?? "", /^sha512-/, path);
      assert.equal(link, undefined, path);
    }
  });

  it("holds one copy of each package that must not be doubled", async () => {
    const paths = (await readLockfile()).packages.map(([path]) => path);
    for (const name of ["@colyseus/core", "@colyseus/schema", "colyseus.js", "ioredis"]) {
      const copies = paths.filter((path) => path.endsWith(`node_modules/${name}`));
      assert.deepEqual(copies, [`node_modules/${name}`]);
    }
    const twins = paths.filter((path) => path.endsWith("node_modules/@colyseus/sdk"));
    assert.deepEqual(twins, [], "the SDK is installed under the name colyseus.js alone");
  });

  it("agrees with package.json, so that npm ci installs it", async () => {
    for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
      await copyFile(join(REPOSITORY_FOLDER, name), join(folder(), name));
    }
    await runCommand("npm", ["ci", "--dry-run"], { cwd: folder() });
  });
});
