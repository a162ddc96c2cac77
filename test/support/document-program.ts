import { symlink, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PagePrograms } from "./page-programs.ts";
import { documentBlock } from "./readme-block.ts";
import { REPOSITORY_FOLDER, runCommand } from "./run-command.ts";

const TSC = join(REPOSITORY_FOLDER, "node_modules/.bin/tsc");

/** A server of a document, while it runs. */
export interface DocumentServer {
  readonly server: { readonly port: number; close(): Promise<void> };
}

/**
 * The code blocks of a document, written into a folder as somebody would who follows it. Its
 * `./site.ts` is ours: the pages that were added.
 */
export class DocumentProgram {
  readonly pages = new PagePrograms();
  readonly #document: string;
  readonly #folder: string;

  constructor(document: string, folder: string) {
    this.#document = document;
    this.#folder = folder;
  }

  /** Writes the blocks of these names down, and has the compiler check all of them. */
  async write(...names: string[]): Promise<void> {
    await symlink(join(REPOSITORY_FOLDER, "node_modules"), join(this.#folder, "node_modules"));
    for (const name of names) {
      await writeFile(this.#path(name), await documentBlock(this.#document, name));
    }
    await writeFile(
      this.#path("site.ts"),
      `import type { RequestListener } from "node:http";
      export declare const site: RequestListener;`,
    );
    const extended = join(REPOSITORY_FOLDER, "tsconfig.base.json");
    const options = {
      composite: false,
      emitDeclarationOnly: false,
      noEmit: true,
      rootDir: "/",
      lib: ["es2024", "dom", "dom.iterable"],
      types: ["node"],
      paths: {
        "atrium/testing": [join(REPOSITORY_FOLDER, "server/testing/index.ts")],
        "atrium/*": [join(REPOSITORY_FOLDER, "*/index.ts")],
      },
    };
    const config = { extends: extended, compilerOptions: options, include: ["*.ts", "*.tsx"] };
    await writeFile(this.#path("package.json"), '{ "private": true, "type": "module" }');
    await writeFile(this.#path("tsconfig.json"), JSON.stringify(config));
    const printed = await runCommand(TSC, ["-p", ".", "--pretty", "false"], {
      cwd: this.#folder,
    }).catch((error: Error) => error.message);
    // The package's own sources are compiled elsewhere; what is checked here is the document.
    const complaints = printed.split("\n").filter((line) => /^[\w-]+\.tsx?\(/.test(line));
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  }

  /** A page that runs a block; `change` says what is other than in the document. */
  async addPage(name: string, block: string, change = (text: string) => text): Promise<void> {
    const path = this.#path(`page-${block}`);
    await writeFile(path, change(await documentBlock(this.#document, block)));
    await this.pages.add(name, path);
  }

  /** Runs a block that is a server, quietly and on a free port. */
  start<Started extends DocumentServer>(block: string): Promise<Started> {
    return this.run<Started>(block, (text) =>
      `import { logger } from "./site.ts";\n${text}`
        .replace("listen(2567)", 'listen(0, "127.0.0.1")')
        .replace("createServer({", "createServer({ guestSecret: new Uint8Array(32), logger,"),
    );
  }

  /** Runs a block in this process, and returns what it exports. */
  async run<Exported>(block: string, change = (text: string) => text): Promise<Exported> {
    const globals = globalThis as { site?: unknown };
    globals.site = (request: IncomingMessage, response: ServerResponse) =>
      this.pages.http(request, response);
    const source = pathToFileURL(REPOSITORY_FOLDER).href;
    await writeFile(
      this.#path("site.ts"),
      `export const { site } = globalThis;
      export { silentLogger as logger } from "${source}/server/logger.ts";`,
    );
    const text = await documentBlock(this.#document, block);
    const path = this.#path(`running-${block}`);
    await writeFile(
      path,
      change(text).replaceAll(/"atrium\/([\w/]+)"/g, `"${source}/$1/index.ts"`),
    );
    return (await import(pathToFileURL(path).href)) as Exported;
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
