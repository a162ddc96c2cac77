import type {
  DisconnectReason,
  JoinedRoom,
  RealtimeClient,
  ServerType,
} from "../../client/index.ts";
import { backoffDelayMs } from "../../shared/backoff.ts";
import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
import { findElement } from "./find-element.ts";
import { ReloadOnce } from "./reload-once.ts";
import { sentenceFor, Sentences } from "./sentences.ts";
import { showStatus } from "./status-pill.ts";
import { showTraffic } from "./traffic-meter.ts";

/** Failures of a first join that pass by themselves. */
const PASSING: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "disconnected",
  "rate-limited",
  "room-claimed",
  "store-unavailable",
  "timed-out",
  "unreachable",
]);
/** Time to read why the page is about to reload; spread, so that not all pages do it at once. */
const RELOAD_DELAY_MS = 1_000;
const RELOAD_SPREAD_MS = 1_000;

/** What every page shows of its connection: status, traffic, and what went wrong. */
export class LivePage {
  readonly sentences = new Sentences(findElement("sentence", HTMLElement));
  readonly #reload = new ReloadOnce({
    storage: () => sessionStorage,
    now: () => Date.now(),
    reload: () => location.reload(),
  });
  readonly #isNewVersion = this.#reload.wasJustNow;
  readonly #realtime: RealtimeClient<ServerType>;
  #lostBy: DisconnectReason = "network";

  constructor(realtime: RealtimeClient<ServerType>) {
    this.#realtime = realtime;
    const pill = findElement("status", HTMLElement);
    realtime.onStatusChange((status) => showStatus(pill, status));
    realtime.onDisconnect((reason) => (this.#lostBy = reason));
    realtime.onOutdated((error) => {
      const isReloading = this.#reload.start(RELOAD_DELAY_MS + Math.random() * RELOAD_SPREAD_MS);
      if (!isReloading) {
        this.sentences.keepSaying(sentenceFor(error));
        return;
      }
      this.sentences.keepSaying("A new version is here. Reloading …");
      // The connection has ended, but for this page's visitor it is about to be back.
      showStatus(pill, "reconnecting");
    });
  }

  /** Joins, tries again for as long as that can help, and says why. */
  async join<Room>(join: () => Promise<JoinedRoom<Room>>): Promise<JoinedRoom<Room>> {
    for (let attempt = 0; ; attempt++) {
      try {
        const room = await join();
        this.#follow(room);
        return room;
      } catch (error) {
        if (!(error instanceof SyncError) || !PASSING.has(error.code)) throw error;
        this.explain(error);
        const delayMs = Math.max(backoffDelayMs(attempt), error.retryAfterMs ?? 0);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  /**
   * Says what went wrong, unless the page is about to be another one: in a room for a while, as
   * the next try may go well; where there is no room, for good.
   */
  explain(error: unknown): void {
    if (this.#reload.isUnderWay) return;
    // What was asked of a room that has ended: the end has a sentence of its own.
    if (error instanceof SyncError && error.code === "closed") return;
    const { status } = this.#realtime;
    const sentence = sentenceFor(error);
    if (status === "connected" || status === "reconnecting") this.sentences.say(sentence);
    else this.sentences.keepSaying(sentence);
  }

  #follow<Room>(room: JoinedRoom<Room>): void {
    this.sentences.clear();
    if (this.#isNewVersion) this.sentences.say("This is the new version.");
    showTraffic(findElement("traffic", HTMLElement), room);
    room.onDrop(() => {
      const cause = this.#lostBy === "server" ? "The server restarts." : "Connection lost.";
      this.sentences.keepSaying(`${cause} Reconnecting …`);
    });
    room.onRejoin(() => {
      this.sentences.clear();
      this.sentences.say("Connected again.");
    });
    room.onError((error) => this.explain(error));
    room.onLeave((_code, reason) => {
      const why = reason === "" ? "" : `: ${reason}`;
      if (this.sentences.keepsSilent) this.sentences.keepSaying(`The session has ended${why}.`);
    });
  }
}
