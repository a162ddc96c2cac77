import { SyncError } from "./errors.ts";

/** What a page is told that imported an entry for servers. */
export function forServers(imported: string, right: string): SyncError {
  return new SyncError(
    "wrong-entry",
    `"${imported}" is for servers and does not run in a page: import "${right}" there, ` +
      'and of a server its type alone, with "import type"',
  );
}

/** What a server is told that imported an entry for pages. */
export function forPages(imported: string, right: string): SyncError {
  return new SyncError(
    "wrong-entry",
    `"${imported}" is for pages and does not run in a server: import "${right}" there`,
  );
}

/** Whether this is a Node process without a page: neither a browser nor a stand-in for one. */
export function isPlainNode(): boolean {
  const scope = globalThis as {
    document?: unknown;
    process?: { readonly versions?: { readonly node?: string } };
  };
  return scope.document === undefined && scope.process?.versions?.node !== undefined;
}
