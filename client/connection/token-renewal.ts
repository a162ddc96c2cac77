import type { SyncError, SyncErrorCode } from "../../shared/errors.ts";
import type { RoomRequests } from "../room-requests.ts";

/** What says nothing of the token: the connection went, or the room looks at none. */
const NO_ANSWER: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "closed",
  "disconnected",
  "unknown-message",
]);

export interface TokenRenewalEvents {
  /** The server knows us by the newer token. */
  renewed(user: { id: string; name: string }): void;
  refused(error: SyncError): void;
}

/** Shows the server a newer token on a connection that may have been made with an older one. */
export class TokenRenewal {
  readonly #requests: RoomRequests;
  readonly #events: TokenRenewalEvents;
  #isConnected = false;
  #token: string | undefined;

  constructor(requests: RoomRequests, events: TokenRenewalEvents) {
    this.#requests = requests;
    this.#events = events;
  }

  /** Now, or when the connection stands: it may be under way with the token of before. */
  use(token: string): void {
    this.#token = token;
    if (this.#isConnected) this.#show();
  }

  connected(): void {
    this.#isConnected = true;
    if (this.#token !== undefined) this.#show();
  }

  lost(): void {
    this.#isConnected = false;
  }

  #show(): void {
    const token = this.#token;
    if (token === undefined) return;
    this.#token = undefined;
    // Once: the next connection is made with the newest token anyway.
    const once = { isOfConnection: true };
    this.#requests.operate("authenticate", { token }, once).then(
      (user) => this.#events.renewed(user),
      (error: unknown) => {
        const refusal = error as SyncError;
        if (!NO_ANSWER.has(refusal.code)) this.#events.refused(refusal);
      },
    );
  }
}
