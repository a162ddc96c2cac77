import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { loadSecretFile } from "../../../../server/auth/secret-file.ts";
import { useTemporaryFolder } from "../../../support/temporary-folder.ts";

const SECRET_FILE_MODULE = new URL("../../../../server/auth/secret-file.ts", import.meta.url).href;

/** Loads the secret of each path that it is sent, and answers with it. */
const LOADER = `
  import { parentPort, workerData } from "node:worker_threads";
  const { loadSecretFile } = await import(workerData.module);
  parentPort.on("message", async (path) => {
    const secret = await loadSecretFile(path);
    parentPort.postMessage(Buffer.from(secret).toString("hex"));
  });
  parentPort.postMessage("ready");
`;

describe("loadSecretFile", () => {
  const folder = useTemporaryFolder();

  it("makes 32 random bytes, in a folder that it makes as well", async () => {
    const path = join(folder(), "made", "deep", "secret");
    const secret = await loadSecretFile(path);
    assert.equal(secret.byteLength, 32);
    assert.notDeepEqual(secret, await loadSecretFile(join(folder(), "another")));
  });

  it("gives the same secret again", async () => {
    const path = join(folder(), "same");
    assert.deepEqual(await loadSecretFile(path), await loadSecretFile(path));
  });

  it("keeps it in a file that only its owner can read and write", async () => {
    const path = join(folder(), "private");
    await loadSecretFile(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("does not touch a secret that somebody put there", async () => {
    const path = join(folder(), "given");
    const given = Buffer.alloc(48, 3);
    await writeFile(path, given.toString("base64url"));
    assert.deepEqual(await loadSecretFile(path), given);
    assert.equal(await readFile(path, "utf8"), given.toString("base64url"));
  });

  it("gives everybody who asks at once the same one, and leaves no other file", async () => {
    const path = join(folder(), "crowd", "secret");
    const secrets = await Promise.all(Array.from({ length: 30 }, () => loadSecretFile(path)));
    for (const secret of secrets) assert.deepEqual(secret, secrets[0]);
    assert.deepEqual(await readdir(join(folder(), "crowd")), ["secret"]);
  });

  it("gives threads that ask at once the same one, time after time", async () => {
    const workerData = { module: SECRET_FILE_MODULE };
    const source = new URL(`data:text/javascript,${encodeURIComponent(LOADER)}`);
    const workers = Array.from({ length: 3 }, () => new Worker(source, { workerData }));
    try {
      await Promise.all(workers.map((worker) => once(worker, "message")));
      for (let round = 0; round < 40; round += 1) {
        const answers = workers.map((worker) => once(worker, "message"));
        for (const worker of workers) {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
          worker.postMessage(join(folder(), `secret-${round}`));
        }
        const secrets = new Set((await Promise.all(answers)).flat());
        assert.deepEqual(
          [...secrets].map((secret) => String(secret).length),
          [64],
        );
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  });

  it("rejects when it may not write there", async () => {
    const path = join(folder(), "in-the-way");
    await writeFile(path, "a file, not a folder");
    await assert.rejects(loadSecretFile(join(path, "secret")));
  });
});
