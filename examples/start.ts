import { createServer } from "../server/index.ts";
import { readEnvironment } from "./environment.ts";
import { freshenSite } from "./fresh-site.ts";
import { rooms } from "./rooms.ts";
import { runServer } from "./run-server.ts";
import { nameBuild, serveSite } from "./site.ts";

await freshenSite();
const environment = readEnvironment();
const parts = { rooms, http: serveSite(), build: nameBuild(), store: "sqlite:data/atrium.db" };
await runServer(createServer({ ...environment, ...parts }), environment);
