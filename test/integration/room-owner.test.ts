import assert from "node:assert/strict";
import { describeOwner, isOwnerGone } from "../../server/persistence/room-owner.ts";
import type { RoomOwner } from "../../server/persistence/room-store.ts";
import { RunningProgram } from "../support/running-program.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Says who it is, and lives on. */
const PROGRAM = `
  const { describeOwner } = await import(process.argv[1]);
  console.log(JSON.stringify(describeOwner("child")));
  setInterval(() => {}, 1_000);
`;
const MODULE = new URL("../../server/persistence/room-owner.ts", import.meta.url).href;

describe("isOwnerGone", () => {
  const self = describeOwner("server-1");

  it("says no of this process, and of another while it lives, is stopped or goes on", async () => {
    assert.equal(isOwnerGone(self), false);
    assert.deepEqual(describeOwner("server-1"), self);
    const args = ["--input-type=module", "--eval", PROGRAM, MODULE];
    await using child = new RunningProgram(process.execPath, args);
    const owner = JSON.parse(await child.waitForOutput(/^\{/)) as RoomOwner;
    assert.equal(owner.host, self.host);
    assert.notEqual(owner.processId, process.pid);
    assert.equal(isOwnerGone(owner), false);
    process.kill(owner.processId, "SIGSTOP");
    assert.equal(isOwnerGone(owner), false);
    process.kill(owner.processId, "SIGCONT");
    assert.equal(isOwnerGone(owner), false);
    await child.stop("SIGKILL");
    assert.equal(isOwnerGone(owner), true);
  });

  it("says yes of a process that has ended and waits to be collected", async () => {
    await using shell = new RunningProgram("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    const processId = Number(await shell.waitForOutput(/^\d+$/));
    await waitUntil(() => isOwnerGone({ ...self, processId }));
  });

  it("says yes of an earlier process that had the id of one that lives", () => {
    assert.equal(isOwnerGone({ ...self, startedAt: "another start" }), true);
    assert.equal(isOwnerGone({ ...self, processId: 1, startedAt: "another start" }), true);
  });

  for (const processId of [0, -1, 1.5, Number.NaN]) {
    it(`says yes of ${processId}, which is no process, and signals nobody`, () => {
      assert.equal(isOwnerGone({ ...self, processId }), true);
    });
  }

  it("says no of whatever is on another host", () => {
    assert.equal(isOwnerGone({ ...self, host: "elsewhere", startedAt: "long ago" }), false);
    assert.equal(isOwnerGone({ ...self, host: "elsewhere", processId: 0 }), false);
  });
});
