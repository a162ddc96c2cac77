import assert from "node:assert/strict";
import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { REPOSITORY_FOLDER } from "../support/run-command.ts";

/** A page's bundle of one entry with all that it imports, as Vite would ship it. */
async function bundle(entry: string): Promise<{ code: string; modules: string[] }> {
  const result = (await build({
    root: REPOSITORY_FOLDER,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    build: {
      write: false,
      minify: true,
      lib: { entry: join(REPOSITORY_FOLDER, entry), formats: ["es"] },
    },
  })) as Rolldown.RolldownOutput[];
  const chunks = result.flatMap(({ output }) => output).filter((each) => each.type === "chunk");
  return {
    code: chunks.map((chunk) => chunk.code).join("\n"),
    modules: chunks.flatMap((chunk) => chunk.moduleIds),
  };
}

describe("a page's bundle of atrium/client", () => {
  it("holds no pixi, no react, no Node built-in and no HTTP/3 code", async () => {
    const { code, modules } = await bundle("client/index.ts");
    const unwanted = modules.filter((id) =>
      /node_modules\/(pixi\.js|react|ws|express|@colyseus\/core)\/|h3transport|__vite-browser/i.test(
        id,
      ),
    );
    assert.deepEqual(unwanted, []);
    assert.doesNotMatch(code, /WebTransport/);
    assert.doesNotMatch(code, /["']node:/);
    assert.match(code, /WebSocket/);
  });
});
