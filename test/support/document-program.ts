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
    await runCommand(TSC, ["-p", this.#folder]);
  }

  async addPage(name: string, block: string): Promise<void> {
    await this.pages.add(name, this.#path(block));
  }

  /** Runs a block that is a server, quietly and on a free port. */
  async start<Started extends DocumentServer>(block: string): Promise<Started> {
    const globals = globalThis as { site?: unknown };
    globals.site = (request: IncomingMessage, response: ServerResponse) =>
      this.pages.http(request, response);
    const logger = pathToFileURL(join(REPOSITORY_FOLDER, "server/logger.ts")).href;
    await writeFile(
      this.#path("site.ts"),
      `export const { site } = globalThis;
      export { silentLogger as logger } from "${logger}";`,
    );
    const text = await documentBlock(this.#document, block);
    const source = pathToFileURL(REPOSITORY_FOLDER).href;
    await writeFile(
      this.#path(`running-${block}`),
      text
        .replaceAll(/"atrium\/([\w/]+)"/g, `"${source}/$1/index.ts"`)
        .replace("listen(2567)", 'listen(0, "127.0.0.1")')
        .replace("createServer({", "createServer({ guestSecret: new Uint8Array(32), logger,")
        .replace("import { site }", "import { logger, site }"),
    );
    return (await import(pathToFileURL(this.#path(`running-${block}`)).href)) as Started;
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
