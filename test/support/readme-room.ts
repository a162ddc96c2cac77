import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

const PLACEHOLDERS: Record<string, string> = {
  "server.ts": `import { createServer, intent, SyncRoom } from "atrium/server";
import { grid } from "atrium/shared";
import { schema, type SchemaType } from "@colyseus/schema";
import * as z from "zod";

const Board = schema({ cells: grid({ width: 64, height: 64, colors: 8 }) }, "Board");
type Board = SchemaType<typeof Board>;
const Pixel = z.object({ x: z.int(), y: z.int(), color: z.int() });

class BoardRoom extends SyncRoom<{ state: Board }> {
  override state = new Board();
  override messages = {
    place: intent(Pixel, { cooldownMs: 1_000 }, (_client, { x, y, color }) => {
      this.state.cells.set(x, y, color);
    }),
  };
}

export const server = createServer({ rooms: { board: BoardRoom } });
await server.listen(2567);
`,
  "client.ts": `import { connect } from "atrium/client";
import type { server } from "./server.ts";

const realtime = connect<typeof server>("ws://localhost:2567");
const room = await realtime.join("board");
room.onStateChange((state) => console.log(state.cells.get(3, 4)));
await room.request("place", { x: 3, y: 4, color: 5 });
`,
};

/**
 * The README's code block that is tagged with a file's name, as in "\`\`\`ts server.ts".
 * TODO(#2): without the placeholders, once there is a README.
 */
export async function readmeBlock(name: string): Promise<string> {
  const readme = await readFile(join(REPOSITORY_FOLDER, "README.md"), "utf8").catch(() => "");
  const tag = name.replace(".", "\\.");
  const block = new RegExp(`^\`\`\`ts .*\\b${tag}.*\\n([^]*?)^\`\`\``, "m").exec(readme)?.[1];
  const text = block ?? (readme === "" ? PLACEHOLDERS[name] : undefined);
  if (text === undefined) throw new Error(`the README has no block "\`\`\`ts ${name}"`);
  return text;
}
