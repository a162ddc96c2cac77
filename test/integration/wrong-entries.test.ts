import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { packageEntries, sourceOf } from "../support/entries.ts";

const entries = packageEntries();
const forServers = entries.filter(({ name }) => /^atrium\/(server|testing)/.test(name));
const forPages = entries.filter(({ conditions }) => conditions["node"] !== undefined);

/** The names that a module exports, without running it. */
async function namesIn(file: URL): Promise<string[]> {
  const text = await readFile(file, "utf8");
  const [, listed = ""] = /^export const \{([^}]*)\}/m.exec(text) ?? [];
  const single = [...text.matchAll(/^export const (\w+)/gm)].map(([, name = ""]) => name);
  return [...single, ...(listed.match(/\w+/g) ?? [])].toSorted();
}

describe("the entries of the package", () => {
  it("are for both sides, but for those of servers and two that belong to a page", () => {
    assert.ok(forServers.length >= 5);
    assert.deepEqual(
      forPages.map(({ name }) => name),
      ["atrium/client/devvit", "atrium/client/aerostack"],
    );
  });

  for (const { name, conditions } of [...forServers, ...forPages]) {
    const wrong = conditions[forServers.some((each) => each.name === name) ? "browser" : "node"];

    it(`says where it belongs when ${name} is imported on the other side`, async () => {
      assert.ok(wrong !== undefined, `${name} has no file for the other side`);
      await assert.rejects(import(sourceOf(wrong).href), (error: Error) => {
        assert.equal((error as { code?: string }).code, "wrong-entry");
        const [, right = ""] = /import "([^"]+)" there/.exec(error.message) ?? [];
        assert.ok(error.message.startsWith(`"${name}" is for `));
        assert.notEqual(right, name);
        assert.ok(
          entries.some((each) => each.name === right),
          right,
        );
        return true;
      });
    });

    it(`has the names of ${name} there, so that it can be linked and heard`, async () => {
      const module = (await import(sourceOf(conditions["default"] ?? "").href)) as object;
      const file = sourceOf(wrong ?? "");
      const names = Object.keys(module).toSorted();
      const advice = `${file.pathname} has to export ${names.join(", ")}`;
      assert.deepEqual(await namesIn(file), names, advice);
    });
  }

  for (const { name, conditions } of forPages) {
    it(`gives ${name} to a Node process that has a stand-in for a page`, async () => {
      const scope = globalThis as { document?: unknown };
      scope.document = {};
      try {
        // A module that threw once throws for ever: this is another copy of it.
        const file = sourceOf(conditions["node"] ?? "");
        const module = (await import(`${file.href}?with-a-page`)) as object;
        const index = (await import(sourceOf(conditions["default"] ?? "").href)) as object;
        assert.deepEqual({ ...module }, { ...index });
      } finally {
        delete scope.document;
      }
    });
  }
});
