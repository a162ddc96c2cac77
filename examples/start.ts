import { createServer } from "../server/index.ts";
import { readEnvironment } from "./environment.ts";
import { rooms } from "./rooms.ts";
import { runServer } from "./run-server.ts";
import { buildSite, nameBuild, serveSite } from "./site.ts";

await buildSite();
const environment = readEnvironment();
const parts = { rooms, http: serveSite(), build: nameBuild(), store: "sqlite:data/atrium.db" };
await runServer(createServer({ ...environment, ...parts }), environment);
