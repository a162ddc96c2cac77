import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Building, freshenSite } from "../../../examples/fresh-site.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

describe("freshenSite", () => {
  const folder = useTemporaryFolder();
  let builds: number;
  let building: Building;

  beforeEach(() => {
    builds = 0;
    const root = folder();
    const built = join(root, "site");
    rmSync(built, { recursive: true, force: true });
    const build = (): Promise<void> => {
      builds += 1;
      rmSync(built, { recursive: true, force: true });
      mkdirSync(built);
      return Promise.resolve();
    };
    building = { sources: ["pages/**"], root, built, build };
    mkdirSync(join(root, "pages/board"), { recursive: true });
    writeFileSync(join(root, "pages/board/index.html"), "board");
    writeFileSync(join(root, "pages/style.css"), "style");
  });

  it("builds pages once, as long as nothing changes", async () => {
    await freshenSite(building);
    await freshenSite(building);
    assert.equal(builds, 1);
  });

  const CHANGES: Record<string, (page: string) => void> = {
    "was changed": (page) => utimesSync(page, 1, 1),
    "was deleted": (page) => rmSync(page),
    "was added": (page) => writeFileSync(`${page}.new`, ""),
  };
  for (const [what, change] of Object.entries(CHANGES)) {
    it(`builds them anew when a file ${what}`, async () => {
      await freshenSite(building);
      change(join(building.root, "pages/board/index.html"));
      await freshenSite(building);
      assert.equal(builds, 2);
    });
  }

  it("builds them again when they were not built to the end", async () => {
    const build = async (): Promise<void> => {
      await building.build();
      throw new Error("no space");
    };
    await freshenSite(building);
    utimesSync(join(building.root, "pages/style.css"), 1, 1);
    await assert.rejects(freshenSite({ ...building, build }), /no space/);
    await freshenSite(building);
    assert.equal(builds, 3);
  });
});
