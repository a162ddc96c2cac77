import { build, type Rolldown } from "vite";

/** One script for a page, of an entry with all that it imports. */
export async function bundleScript(entry: string): Promise<string> {
  const [result] = (await build({
    root: import.meta.dirname,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["iife"], name: "page" },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput[];
  const script = result?.output[0];
  if (script?.type !== "chunk") throw new Error(`no script came of ${entry}`);
  return script.code;
}
