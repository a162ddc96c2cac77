import type { JoinedRoom, RealtimeClient, ServerType } from "../../client/index.ts";
import { backoffDelayMs } from "../../shared/backoff.ts";
import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
import { findElement } from "./find-element.ts";
import { sentenceFor, Sentences } from "./sentences.ts";
import { showStatus } from "./status-pill.ts";
import { showTraffic } from "./traffic-meter.ts";

/** Failures of a first join that pass by themselves. */
const PASSING: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "disconnected",
  "timed-out",
  "unreachable",
]);
const RELOADED_KEY = "atrium-reloaded-for-new-version";

/** What every page shows of its connection: status, traffic, and what went wrong. */
export class LivePage {
  readonly sentences = new Sentences(findElement("sentence", HTMLElement));

  constructor(realtime: RealtimeClient<ServerType>) {
    const pill = findElement("status", HTMLElement);
    realtime.onStatusChange((status) => showStatus(pill, status));
  }

  /** Joins, tries again for as long as the server cannot be reached, and says so. */
  async join<Room>(join: () => Promise<JoinedRoom<Room>>): Promise<JoinedRoom<Room>> {
    for (let attempt = 0; ; attempt++) {
      try {
        const room = await join();
        this.#follow(room);
        return room;
      } catch (error) {
        this.#explain(error);
        if (!(error instanceof SyncError) || !PASSING.has(error.code)) throw error;
        const delayMs = backoffDelayMs(attempt);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  #follow<Room>(room: JoinedRoom<Room>): void {
    this.sentences.clear();
    forget(RELOADED_KEY);
    showTraffic(findElement("traffic", HTMLElement), room);
    room.onDrop(() => this.sentences.keepSaying("Connection lost. Reconnecting …"));
    room.onRejoin(() => this.sentences.say("Connected again."));
    room.onError((error) => this.#explain(error));
    room.onLeave(() => {
      if (this.sentences.isSilent) this.sentences.keepSaying("The session has ended.");
    });
  }

  #explain(error: unknown): void {
    if (error instanceof SyncError && error.code === "version-mismatch" && remember(RELOADED_KEY)) {
      this.sentences.keepSaying("A new version is here.");
      location.reload();
      return;
    }
    this.sentences.keepSaying(sentenceFor(error));
  }
}

/** Whether it was not remembered before. Never twice, or two versions could reload for ever. */
function remember(key: string): boolean {
  try {
    const isNew = sessionStorage.getItem(key) === null;
    sessionStorage.setItem(key, "yes");
    return isNew;
  } catch {
    // Storage is closed to this page: better no reload than one after the other.
    return false;
  }
}

function forget(key: string): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Storage is closed to this page, so nothing is in it.
  }
}
