import { SyncError } from "../../shared/errors.ts";
import type { PublishReceipt } from "../../shared/events/publication.ts";
import type { JsonValue } from "../../shared/json-text.ts";
import type { RealtimeServer } from "../realtime-server.ts";

/** Aerostack's server SDK. */
export interface Aerostack {
  readonly socket: {
    /**
     * Publishes an event to everybody on the channel `roomId`, in the order of all that is
     * published there. Resolves once it has its place. Rejects with `not-allowed` where the
     * name has no slash, which makes it a table's: only its rows speak there.
     */
    emit(event: string, data: unknown, roomId: string): Promise<PublishReceipt>;
  };
}

/** Aerostack's `sdk` for a server of your own: where there are several, or in tests. */
export function createAerostack(server: RealtimeServer): Aerostack {
  return aerostackOf(() => server);
}

/** `server` is asked for each call. */
export function aerostackOf(server: () => RealtimeServer): Aerostack {
  return {
    socket: {
      emit: async (event, data, roomId) => {
        refuseTable(roomId);
        // What is no JSON is refused by the server, which looks at it in any case.
        return await server().socket.emit(event, data as JsonValue, roomId);
      },
    },
  };
}

function refuseTable(roomId: unknown): void {
  if (typeof roomId !== "string" || roomId === "" || roomId.includes("/")) return;
  const shown = JSON.stringify(roomId.slice(0, 40));
  throw new SyncError("not-allowed", `publish on ${shown} is not allowed: it is a table's name`);
}
