import assert from "node:assert/strict";
import { MemoryJournal } from "../../../../server/persistence/memory-journal.ts";
import { journalContract } from "../../../contracts/journal-contract.ts";

describe("MemoryJournal", () => {
  journalContract(() => {
    const journal = new MemoryJournal();
    return {
      journal,
      read: (roomId) => journal.read(roomId),
      failWrites(isFailing) {
        journal.intercept(() =>
          isFailing ? Promise.reject(new Error("disk full")) : Promise.resolve(),
        );
      },
    };
  });

  it("shows a test each write before it happens, and waits for its leave", async () => {
    const journal = new MemoryJournal();
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: number[] = [];
    journal.intercept(({ tick }) => {
      seen.push(tick);
      return promise;
    });
    const appending = journal.append({ roomId: "r", tick: 1, patch: undefined, intentIds: [] });
    assert.deepEqual(seen, [1]);
    assert.deepEqual(journal.read("r").entries, []);
    resolve();
    await appending;
    assert.equal(journal.read("r").entries.length, 1);
  });
});
