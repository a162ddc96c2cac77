import assert from "node:assert/strict";
import { join } from "node:path";
import { COMPACT_ROOM_URL } from "../contracts/room-store-contract.ts";
import { COMPACTION_PROGRAM } from "../support/compaction-program.ts";
import { runCommand } from "../support/run-command.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

describe("a process with a StoreWorker", () => {
  const folder = useTemporaryFolder();
  const repository = new URL("../../", import.meta.url).href;

  for (const ending of ["close", "leave open"]) {
    it(`waits for a compaction, and ends by itself (${ending})`, async () => {
      const file = join(folder(), `${ending}.db`);
      const args = [repository, "ts", file, COMPACT_ROOM_URL.href, ending];
      const output = await runCommand(
        process.execPath,
        ["--input-type=module", "--eval", COMPACTION_PROGRAM, ...args],
        { timeout: 20_000 },
      );
      assert.equal(output, "1\n");
    });
  }
});
