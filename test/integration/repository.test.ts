import assert from "node:assert/strict";
import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { REPOSITORY_FOLDER } from "../support/run-command.ts";

/** Folders of one person's or one machine's own: a path into them is true nowhere else. */
const MACHINE_PATH = /(?<![\w.:/*-])\/(home|root|Users|work|tmp|mnt|opt)\/[\w.-]+/;
const PICTURE = /\.(png|ico|webp|woff2)$/;

/** Every file of a checkout, as a path from its top; git need not be installed for it. */
async function repositoryFiles(): Promise<string[]> {
  const ignored = (await readFile(join(REPOSITORY_FOLDER, ".gitignore"), "utf8")).split(/\/?\n/);
  const top = await readdir(REPOSITORY_FOLDER, { withFileTypes: true });
  const kept = top.filter(({ name }) => name !== ".git" && !ignored.includes(name));
  const paths = await Promise.all(
    kept.map(async (entry) => {
      if (!entry.isDirectory()) return [entry.name];
      const folder = join(REPOSITORY_FOLDER, entry.name);
      const inside = await readdir(folder, { recursive: true, withFileTypes: true });
      return inside
        .filter((each) => each.isFile())
        .map((each) => relative(REPOSITORY_FOLDER, join(each.parentPath, each.name)));
    }),
  );
  return paths.flat();
}

describe("the repository", () => {
  it("names no folder of the machine that it was written on", async () => {
    const texts = (await repositoryFiles()).filter((path) => !PICTURE.test(path));
    for (const path of texts) {
      const text = await readFile(join(REPOSITORY_FOLDER, path), "utf8");
      assert.equal(MACHINE_PATH.exec(text)?.[0], undefined, path);
    }
  });

  it("keeps everything in its six folders, but for settings and what people read first", async () => {
    const folder = /^(server|client|shared|examples|test|docs|\.ci)\//;
    for (const path of (await repositoryFiles()).filter((each) => !folder.test(each))) {
      assert.match(
        path,
        /^(\.\w+|\.\w+\.json|[A-Z]+(\.md)?|package(-lock)?\.json|tsconfig.*\.json)$/,
      );
    }
  });

  it("has a file behind every link and picture of its documentation", async () => {
    const documents = (await repositoryFiles()).filter((path) => path.endsWith(".md"));
    assert.ok(documents.includes("README.md"));
    for (const path of documents) {
      const text = await readFile(join(REPOSITORY_FOLDER, path), "utf8");
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        const file = join(REPOSITORY_FOLDER, dirname(path), target);
        await assert.doesNotReject(access(file), `${path} leads to ${target}`);
      }
    }
  });

  it("says in docs/rooms.md what every error code means, once", async () => {
    const read = (path: string): Promise<string> => readFile(join(REPOSITORY_FOLDER, path), "utf8");
    const codes = [...(await read("shared/errors.ts")).matchAll(/^  \| "([a-z-]+)"/gm)];
    const rows = (await read("docs/rooms.md")).match(/^\| `[a-z-]+`.*? \|/gm) ?? [];
    assert.ok(codes.length > 30);
    for (const [, code = ""] of codes) {
      assert.equal(rows.filter((row) => row.includes(`\`${code}\``)).length, 1, code);
    }
  });
});
