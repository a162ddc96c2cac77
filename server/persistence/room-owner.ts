import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { RoomOwner } from "./room-store.ts";

/** Who this process is, for the claims of one server in it. */
export function describeOwner(serverId: string): RoomOwner {
  return { host: readHost(), processId: process.pid, startedAt: ownStart(), serverId };
}

/**
 * Whether an owner was a process of this host which is no more. No, when that is not sure:
 * its lease then has to end by itself.
 */
export function isOwnerGone({ host, processId, startedAt }: RoomOwner): boolean {
  if (host !== readHost()) return false;
  if (processId === process.pid) return startedAt !== ownStart();
  // Zero and below are groups of processes.
  if (!Number.isSafeInteger(processId) || processId <= 0 || isFree(processId)) return true;
  const start = readStart(processId);
  return start !== undefined && start !== startedAt;
}

/**
 * What process ids are unique in. Containers may share a host's name and have process ids of
 * their own; machines may share a name.
 */
function readHost(): string {
  const machine = attempt(() => readFileSync("/etc/machine-id", "latin1").trim()) ?? "";
  const processIds = attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "";
  return `${hostname()} ${machine} ${processIds}`;
}

/** The same at every call, also where only Node can say it. */
function ownStart(): string {
  return readStart(process.pid) ?? new Date(performance.timeOrigin).toISOString();
}

/**
 * When a process began, in clock ticks since the machine's start, and which start that was:
 * no two processes of one id share it. "over" for one that only waits to be collected;
 * undefined where it cannot be told.
 */
function readStart(processId: number): string | undefined {
  return attempt(() => {
    const stat = readFileSync(`/proc/${processId}/stat`, "latin1");
    // The second field is the program's name, in brackets, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return "over";
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot} ${fields[19]}`;
  });
}

/** Whether no process has this id; one that we may not signal is there. */
function isFree(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    // Not Linux, or a machine that hides it.
    return undefined;
  }
}
