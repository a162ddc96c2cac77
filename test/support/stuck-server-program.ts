import { schema, t, type SchemaType } from "@colyseus/schema";
import { closeOnSignals } from "../../server/close-on-signals.ts";
import { createServer } from "../../server/create-server.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";

const Count = schema({ value: t.number().default(0) }, "StuckCount");
type Count = SchemaType<typeof Count>;

class CountRoom extends SyncRoom<{ state: Count }> {
  override state = new Count();
  override persistence = { key: ({ name }: { name: string }) => name };
  override messages = { add: () => (this.state.value += 1) };
}

/** Never ends by itself. */
class StuckRoom extends CountRoom {
  override onDispose(): Promise<void> {
    return new Promise(() => {});
  }
}

// A server for a test that sends it signals: prints its port, and takes a store and a time to drain.
const [store = "memory:", drainMs = "500"] = process.argv.slice(2);
const server = createServer({
  rooms: { count: CountRoom, stuck: StuckRoom },
  store,
  guestSecret: new Uint8Array(32),
  drainMs: Number(drainMs),
});
closeOnSignals(server);
await server.listen(0, "127.0.0.1");
process.stdout.write(`port ${server.port}\n`);
