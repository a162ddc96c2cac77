import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { roomStoreContract } from "../contracts/room-store-contract.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

describe("SqliteRooms", () => {
  const folder = useTemporaryFolder();
  let files = 0;
  let path: string;
  beforeEach(() => {
    files += 1;
    path = join(folder(), `rooms-${files}.db`);
  });

  /** Does something to the file from outside, as another process would. */
  function fromOutside(sql: string): void {
    using other = new DatabaseSync(path);
    other.exec(sql);
  }

  describe("keeps the promises of a store of rooms:", () => {
    const tables = ["room_claims", "rooms", "room_ticks", "room_snapshots", "room_chunks"];
    const events = tables.flatMap((table) => [`INSERT ON ${table}`, `UPDATE ON ${table}`]);
    roomStoreContract((options) => {
      const store = new SqliteStore(path, options);
      return {
        rooms: store.rooms,
        failWrites(isFailing) {
          for (const what of events) {
            fromOutside(
              isFailing
                ? `CREATE TRIGGER "fail ${what}" BEFORE ${what}
                   BEGIN SELECT RAISE (ABORT, 'disk full'); END`
                : `DROP TRIGGER "fail ${what}"`,
            );
          }
        },
        close: () => store.close(),
      };
    });
  });
});
