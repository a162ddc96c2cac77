import { execFile, type ExecFileOptions } from "node:child_process";
import { join } from "node:path";

export const REPOSITORY_FOLDER = join(import.meta.dirname, "../..");

/**
 * Runs a program to its end and resolves with what it printed to its output. Rejects when
 * it exits with anything but 0, saying all that it printed.
 */
export function runCommand(
  program: string,
  args: string[],
  options: ExecFileOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = { cwd: REPOSITORY_FOLDER, maxBuffer: 64 * 1_048_576, ...options };
    execFile(program, args, { ...settings, encoding: "utf8" }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const command = [program, ...args].join(" ");
      reject(new Error(`${command}\n${stdout}\n${stderr}`, { cause: error }));
    });
  });
}
