import { runCommand } from "./run-command.ts";

/** What importing a module did beside defining things. */
export interface ImportEffects {
  /** Calls and reads that act on the world around: timers, listeners, sockets, storage. */
  calls: string[];
  globals: string[];
  processListeners: string[];
  openHandles: string[];
  printed: string;
}

// Runs alone in a process of its own, where the page's globals are there and report their use.
const PROGRAM = `
const calls = [];
const watch = (name, value) => {
  const watched = typeof value === "function"
    ? new Proxy(value, {
        apply: (target, self, args) => (calls.push(name), Reflect.apply(target, self, args)),
        construct: (target, args) => (calls.push("new " + name), Reflect.construct(target, args)),
      })
    : value;
  Object.defineProperty(globalThis, name, { value: watched, configurable: true, writable: true });
};
const nothing = () => {};
for (const name of ["setTimeout", "setInterval", "setImmediate", "fetch", "WebSocket"]) {
  watch(name, globalThis[name]);
}
for (const name of ["addEventListener", "XMLHttpRequest", "WebTransport", "requestAnimationFrame"]) {
  watch(name, nothing);
}
const document = new Proxy({}, { get: (_, key) => (calls.push("document." + String(key)), nothing) });
watch("document", document);
for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
  const get = () => { calls.push(name); };
  Object.defineProperty(globalThis, name, { get, configurable: true });
}
const globals = () => Reflect.ownKeys(globalThis).filter((key) => typeof key === "string");
const listeners = () => process.eventNames().map((name) => String(name) + process.listenerCount(name));
const added = (before, after) => after.filter((each) => !before.includes(each));

// Reads of the module's own files come and go; they are no handles.
const handles = () => process.getActiveResourcesInfo().filter((name) => name !== "FSReqCallback");
const before = { globals: globals(), listeners: listeners(), handles: handles() };
await import(process.argv[1]);
const effects = {
  calls,
  globals: added(before.globals, globals()),
  processListeners: added(before.listeners, listeners()),
  openHandles: added(before.handles, handles()),
};
process.stdout.write("\\n" + JSON.stringify(effects));
`;

/** Imports a module in a new process and reports what that did. */
export async function observeImport(module: URL): Promise<ImportEffects> {
  const args = ["--input-type=module", "--eval", PROGRAM, module.href];
  const output = await runCommand(process.execPath, args, { timeout: 20_000 });
  const [effects = "", ...printed] = output.split("\n").toReversed();
  return { ...(JSON.parse(effects) as ImportEffects), printed: printed.join("\n").trim() };
}
