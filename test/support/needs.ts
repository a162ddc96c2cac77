import { findExecutable } from "./find-executable.ts";
import { canInstallWithApt, installWithApt } from "./install-with-apt.ts";

/** A program that tests start themselves and npm cannot install. */
interface Need {
  /** Any one of these will do. */
  executables: string[];
  debianPackage: string;
  usedFor: string;
}

const NEEDS: Need[] = [
  {
    executables: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    debianPackage: "chromium",
    usedFor: "test/browser",
  },
];

/**
 * Run before the tests: installs what they need where it may, else says what is missing,
 * how to get it, and exits with 1.
 */
function meetNeeds(): void {
  const wanted = missing().map((need) => need.debianPackage);
  if (wanted.length > 0 && canInstallWithApt()) {
    process.stdout.write(`Installing ${wanted.join(", ")} through apt, about half a minute.\n`);
    try {
      installWithApt(wanted);
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
    }
  }
  const stillMissing = missing();
  if (stillMissing.length === 0) return;

  process.exitCode = 1;
  for (const { executables, usedFor } of stillMissing) {
    process.stderr.write(`Missing: ${executables[0]}, which ${usedFor} starts.\n`);
  }
  const packages = stillMissing.map((need) => need.debianPackage).join(" ");
  process.stderr.write(
    `On Debian or Ubuntu: sudo apt-get install ${packages}\n` +
      "Elsewhere: install the program so that it is on the PATH, or name its path in an\n" +
      "environment variable of its name, such as CHROMIUM or REDIS_SERVER.\n",
  );
}

function missing(): Need[] {
  return NEEDS.filter((need) => findExecutable(...need.executables) === undefined);
}

meetNeeds();
