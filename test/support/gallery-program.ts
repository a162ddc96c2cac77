import { schema, t } from "@colyseus/schema";
import { MiniPlace } from "../../examples/mini-place/server.ts";
import type { Place } from "../../examples/mini-place/state.ts";
import { rooms } from "../../examples/rooms.ts";
import { runServer } from "../../examples/run-server.ts";
import { serveSite } from "../../examples/site.ts";
import { createServer, type CreateContext } from "../../server/index.ts";
import { grid } from "../../shared/state/grid-field.ts";

/**
 * What `npm start` runs, with pages that are built already, in a process that a test ends as
 * it likes: see `GalleryProcess`. A deploy changes `BUILD`, and with `SCHEMA=next` the state.
 */
const { COOLDOWN_MS = "60000", BUILD, SCHEMA, PAGES } = process.env;

class PatientPlace extends MiniPlace {
  override async onCreate(
    options: Parameters<MiniPlace["onCreate"]>[0],
    context: CreateContext,
  ): Promise<void> {
    await super.onCreate(options, context);
    this.messages.place.options.cooldownMs = Number(COOLDOWN_MS);
  }
}

const NextPlace = schema(
  {
    canvas: grid({ width: 256, height: 256, colors: 32 }),
    viewers: t.uint16().default(0),
    motto: t.string().default(""),
  },
  "Place",
);

class NextMiniPlace extends PatientPlace {
  override state: Place = new NextPlace();
}

const server = createServer({
  rooms: { ...rooms, "mini-place": SCHEMA === "next" ? NextMiniPlace : PatientPlace },
  http: serveSite(PAGES),
  store: "sqlite:data/atrium.db",
  ...(BUILD === undefined ? {} : { build: BUILD }),
});
await runServer(server);
