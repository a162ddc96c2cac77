import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readEnvironment } from "../../examples/environment.ts";
import { Metrics } from "../../server/metrics/metrics.ts";
import { REPOSITORY_FOLDER } from "../support/run-command.ts";

const read = (path: string): Promise<string> => readFile(join(REPOSITORY_FOLDER, path), "utf8");

describe("docs/operating.md", () => {
  it("names every option of createServer", async () => {
    const document = await read("docs/operating.md");
    const declared = (await read("server/server-options.ts")).matchAll(/^ {2}(\w+)\??: /gm);
    const options = [...declared].map(([, name]) => name!);
    assert.ok(options.length > 20, "the options are not where they were");
    for (const option of options) assert.match(document, new RegExp(`^\\| \`${option}\` `, "m"));
  });

  it("names every metric", async () => {
    const document = await read("docs/operating.md");
    const exposed = (await new Metrics([]).format()).matchAll(/^# TYPE (\w+) /gm);
    const metrics = [...exposed].map(([, name]) => name!);
    assert.ok(metrics.length >= 14, "there are fewer metrics than there were");
    for (const metric of metrics) assert.ok(document.includes(`\`${metric}`), metric);
  });

  it("names every variable that npm start reads", async () => {
    const document = await read("docs/operating.md");
    const asked: string[] = [];
    const environment = new Proxy<NodeJS.ProcessEnv>(
      {},
      { get: (_target, name) => void asked.push(String(name)) },
    );
    readEnvironment(environment);
    assert.ok(asked.length >= 5);
    for (const name of asked) assert.ok(document.includes(`\`${name}\``), name);
  });
});
