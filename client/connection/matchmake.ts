import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { JOIN_STEP_TIMEOUT_MS } from "../../shared/limits.ts";
import type { Endpoint } from "./endpoint.ts";
import type { GuestToken } from "./guest-token.ts";
import { refusedByHttp } from "./refusal.ts";
import { parseSeat, type Seat } from "./seat.ts";

export interface MatchmakerParts {
  endpoint: Endpoint;
  token: GuestToken;
  clock: Clock;
  fetch: typeof fetch;
}

/**
 * Asks the server for seats in rooms, over HTTP, with our token in a header.
 *
 * While nobody has told us who we are, one request goes out at a time: the first makes us a
 * guest, and the others are that guest instead of making one each.
 */
export class Matchmaker {
  readonly #parts: MatchmakerParts;
  #introduction: Promise<void> | undefined;

  constructor(parts: MatchmakerParts) {
    this.#parts = parts;
  }

  /**
   * A seat in the room of that name, made if there is none; `options` are JSON. Rejects with
   * a `SyncError`.
   */
  async reserve(name: string, options: string, signal: AbortSignal): Promise<Seat> {
    const { endpoint } = this.#parts;
    return await this.#ask(endpoint.matchmakeUrl("joinOrCreate", name), options, signal);
  }

  /** The seat that the room holds for a connection it lost. */
  async reclaim(roomId: string, reconnectionToken: string, signal: AbortSignal): Promise<Seat> {
    const url = this.#parts.endpoint.matchmakeUrl("reconnect", roomId);
    return await this.#ask(url, JSON.stringify({ reconnectionToken }), signal);
  }

  async #ask(url: string, body: string, signal: AbortSignal): Promise<Seat> {
    const { token } = this.#parts;
    while (token.value === undefined && this.#introduction !== undefined) {
      await this.#introduction;
    }
    try {
      if (token.value === undefined) return await this.#introduce(url, body, signal);
      return await this.#post(url, body, signal);
    } catch (error) {
      const isRefused = error instanceof SyncError && error.code === "auth-failed";
      if (isRefused && token.forget()) return await this.#ask(url, body, signal);
      throw error;
    }
  }

  async #introduce(url: string, body: string, signal: AbortSignal): Promise<Seat> {
    let finish = (): void => undefined;
    this.#introduction = new Promise((resolve) => {
      finish = resolve;
    });
    try {
      return await this.#post(url, body, signal);
    } finally {
      this.#introduction = undefined;
      finish();
    }
  }

  async #post(url: string, body: string, signal: AbortSignal): Promise<Seat> {
    const { token } = this.#parts;
    const { status, answer } = await this.#fetchJson(url, body, signal);
    const seat = parseSeat(answer);
    if (status !== 200 || seat === undefined) throw refusedByHttp(status, answer);
    if (seat.issuedToken === undefined) token.accepted();
    // The seat of a guest that nobody will be; the server gives it up by itself.
    else if (!token.keep(seat.issuedToken)) return await this.#post(url, body, signal);
    return seat;
  }

  async #fetchJson(
    url: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ status: number; answer: unknown }> {
    const { token, clock, fetch } = this.#parts;
    const headers: Record<string, string> = {
      "Content-Type": "application/json",
      Accept: "application/json",
    };
    if (token.value !== undefined) headers["Authorization"] = `Bearer ${token.value}`;

    const request = new AbortController();
    const abort = (): void => request.abort();
    const cancelTimeout = clock.schedule(JOIN_STEP_TIMEOUT_MS, abort);
    signal.addEventListener("abort", abort);
    try {
      const response = await fetch(url, { method: "POST", headers, body, signal: request.signal });
      const text = await response.text();
      return { status: response.status, answer: parseJson(text) };
    } catch (cause) {
      if (signal.aborted) throw new SyncError("closed", "the join was given up", { cause });
      if (request.signal.aborted) {
        throw new SyncError("timed-out", `${url} did not answer in ${JOIN_STEP_TIMEOUT_MS} ms`);
      }
      throw new SyncError("unreachable", `cannot reach ${url}`, { cause });
    } finally {
      cancelTimeout();
      signal.removeEventListener("abort", abort);
    }
  }
}

/** Undefined for what is not JSON: an HTML page of some proxy, most likely. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
