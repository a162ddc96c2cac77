import { createServer } from "../server/index.ts";
import { rooms } from "./rooms.ts";
import { runServer } from "./run-server.ts";
import { buildSite, serveSite } from "./site.ts";

await buildSite();
await runServer(createServer({ rooms, http: serveSite(), store: "sqlite:data/atrium.db" }));
