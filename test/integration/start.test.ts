import assert from "node:assert/strict";
import { once } from "node:events";
import { utimes } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "../support/run-command.ts";
import { RunningProgram } from "../support/running-program.ts";
import { waitUntil } from "../support/wait-until.ts";

const ADDRESS = /^http:\/\/localhost:\d+$/;

function runScript(name: "start" | "dev"): RunningProgram {
  return new RunningProgram("npm", ["run", name], { PORT: "0" });
}

async function getText(address: string): Promise<string> {
  const response = await fetch(address);
  assert.equal(response.status, 200, address);
  return response.text();
}

async function assertJoinable(address: string, room: string): Promise<void> {
  const response = await fetch(`${address}/matchmake/joinOrCreate/${room}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ board: "main" }),
  });
  const seat = (await response.json()) as Record<string, unknown>;
  assert.equal(seat["name"], room);
}

function opensHotReload(address: string, token: string): Promise<boolean> {
  const socket = new WebSocket(`${address.replace("http", "ws")}/?token=${token}`, "vite-hmr");
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      socket.close();
      resolve(String(data).includes("connected"));
    });
    socket.addEventListener("error", () => resolve(false));
  });
}

describe("npm start", () => {
  it("serves a gallery that names its demos without script, and every demo's page", async () => {
    await using program = runScript("start");
    const address = await program.waitForOutput(ADDRESS);
    const gallery = await getText(address);
    const links = [...gallery.matchAll(/href="(\/?[\w-]+\/)"/g)].map(([, path]) => path ?? "");
    assert.ok(links.length >= 2, gallery);
    assert.match(gallery, /Mini Place/);
    assert.match(gallery, /Synced Progress Bar/);
    for (const path of links) {
      const page = await getText(new URL(path, address).href);
      const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1];
      assert.ok(script, page);
      await getText(new URL(script, new URL(path, address)).href);
    }
    await assertJoinable(address, "mini-place");
    // What shows every room to everybody is for development.
    for (const path of [
      "/no-such-page",
      "/monitor/",
      "/playground/",
      "/metrics",
      "/api/admin/rooms",
    ]) {
      assert.equal((await fetch(`${address}${path}`)).status, 404, path);
    }
    assert.equal((await fetch(`${address}/healthz/ready`)).status, 200);
  });

  it("ends with 0 and leaves no process behind when npm gets a SIGTERM", async () => {
    await using program = runScript("start");
    await program.waitForOutput(ADDRESS);
    assert.equal(await program.stop("SIGTERM"), 0);
    await waitUntil(() => !program.isRunning);
  });

  it("ends with 0 and leaves no process behind at Ctrl-C", async () => {
    await using program = runScript("start");
    await program.waitForOutput(ADDRESS);
    assert.equal(await program.interrupt(), 0);
    await waitUntil(() => !program.isRunning);
  });

  it("says in a sentence that the port is taken", async () => {
    const taken = createServer();
    await once(taken.listen(0, "localhost"), "listening");
    const { port } = taken.address() as AddressInfo;
    await using program = new RunningProgram("npm", ["start"], { PORT: String(port) });
    await program.waitForOutput(
      new RegExp(`^Cannot listen on port ${port} of localhost: .*in use`),
    );
    taken.close();
  });
});

describe("npm run dev", () => {
  it("has Colyseus's monitor and playground, which other sites' pages cannot use", async () => {
    await using program = runScript("dev");
    const address = await program.waitForOutput(ADDRESS);
    for (const path of ["/monitor/", "/monitor/api", "/playground/", "/playground/rooms"]) {
      await getText(`${address}${path}`);
      const headers = { "Sec-Fetch-Site": "cross-site" };
      assert.equal((await fetch(`${address}${path}`, { headers })).status, 403, path);
    }
    await getText(`${address}/metrics`);
  });

  it("refuses to be in production", async () => {
    const environment = { PORT: "0", NODE_ENV: "production" };
    await using program = new RunningProgram("npm", ["run", "dev"], environment);
    await program.waitForOutput(/not opened to everybody in production/);
  });

  it("serves pages with hot reload, and rooms, on one port", async () => {
    await using program = runScript("dev");
    const address = await program.waitForOutput(ADDRESS);
    assert.match(await getText(`${address}/`), /\/@vite\/client/);
    const viteClient = await getText(`${address}/@vite/client`);
    const token = /wsToken = "([^"]+)"/.exec(viteClient)?.[1] ?? "";
    assert.equal(await opensHotReload(address, token), true);
    await assertJoinable(address, "mini-place");
    assert.equal(await program.stop("SIGTERM"), 0);
    await waitUntil(() => !program.isRunning);
  });

  it("starts the server anew when one of its files is edited", async () => {
    await using program = runScript("dev");
    await program.waitForOutput(ADDRESS);
    const starts = (): number =>
      program.output.split("\n").filter((line) => ADDRESS.test(line)).length;
    const now = new Date();
    await utimes(join(REPOSITORY_FOLDER, "examples/mini-place/server.ts"), now, now);
    await waitUntil(() => starts() === 2, { what: "it has started again" });
    assert.equal(await program.stop("SIGTERM"), 0);
    await waitUntil(() => !program.isRunning);
  });
});
