import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

/** The README's code block that is tagged with a file's name, as in "\`\`\`ts server.ts". */
export function readmeBlock(name: string): Promise<string> {
  return documentBlock("README.md", name);
}

/** The same of any document, such as "docs/client.md". */
export async function documentBlock(path: string, name: string): Promise<string> {
  const document = await readFile(join(REPOSITORY_FOLDER, path), "utf8");
  const tag = name.replace(".", "\\.");
  const block = new RegExp(`^\`\`\`tsx? .*\\b${tag}.*\\n([^]*?)^\`\`\``, "m").exec(document)?.[1];
  if (block === undefined) throw new Error(`${path} has no block "\`\`\`ts ${name}"`);
  return block;
}
