import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { findExecutable } from "./find-executable.ts";

/** While these exist, Debian installs a service without starting it or giving it data. */
const QUIET_INSTALL_FILES = [
  { neededFor: /./, path: "/usr/sbin/policy-rc.d", text: "#!/bin/sh\nexit 101\n", mode: 0o755 },
  {
    neededFor: /^postgresql/,
    path: "/etc/postgresql-common/createcluster.d/atrium-tests.conf",
    text: "create_main_cluster = false\n",
    mode: 0o644,
  },
];

/** Whether this process may install Debian packages. */
export function canInstallWithApt(): boolean {
  return process.getuid?.() === 0 && findExecutable("apt-get") !== undefined;
}

/** Installs Debian packages and starts none of their services. Throws what apt said. */
export function installWithApt(packages: string[]): void {
  const written = QUIET_INSTALL_FILES.filter(
    ({ neededFor, path }) => packages.some((name) => neededFor.test(name)) && !existsSync(path),
  );
  try {
    for (const { path, text, mode } of written) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode });
    }
    apt("update");
    apt("install", "--yes", "--no-install-recommends", ...packages);
  } finally {
    for (const { path } of written) rmSync(path, { force: true });
  }
}

function apt(...args: string[]): void {
  execFileSync("apt-get", ["--quiet=2", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    // Its complaints are part of the error, and otherwise nobody needs to read them.
    stdio: ["ignore", "ignore", "pipe"],
  });
}
