import { buildSite } from "./build-site.ts";

// What `npm start` runs before it serves the pages.
await buildSite();
