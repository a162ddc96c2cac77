import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

/** The README's code block that is tagged with a file's name, as in "\`\`\`ts server.ts". */
export async function readmeBlock(name: string): Promise<string> {
  const readme = await readFile(join(REPOSITORY_FOLDER, "README.md"), "utf8");
  const tag = name.replace(".", "\\.");
  const block = new RegExp(`^\`\`\`ts .*\\b${tag}.*\\n([^]*?)^\`\`\``, "m").exec(readme)?.[1];
  if (block === undefined) throw new Error(`the README has no block "\`\`\`ts ${name}"`);
  return block;
}
