import express from "express";
import { createServer as createVite } from "vite";
import { createServer } from "../server/index.ts";
import { pagesConfig } from "./build-site.ts";
import { colyseusTools } from "./colyseus-tools.ts";
import { rooms } from "./rooms.ts";
import { runServer } from "./run-server.ts";

// Pages through Vite, hot reload included, on the server's own port. `npm run dev` runs this
// with `node --watch`: an edit of what the server imports starts the process anew.
const pages = express();
const server = createServer({
  rooms,
  http: pages,
  store: "sqlite:data/atrium.db",
  metrics: "open",
});
const vite = await createVite({
  ...pagesConfig(),
  appType: "mpa",
  server: { middlewareMode: true, hmr: { server: server.httpServer } },
});
pages.use(await colyseusTools());
pages.use(vite.middlewares);
await runServer(server, { before: () => vite.close() });
