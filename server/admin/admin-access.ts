import type { IncomingMessage } from "node:http";
import type { Authenticator } from "../auth/authenticator.ts";
import { bearerOf } from "../http/bearer-of.ts";
import type { Entrance } from "../http/entrance.ts";
import { countFailedAttempt } from "../http/failed-attempt.ts";
import { SyncError } from "../../shared/errors.ts";
import type { AdminAccessRules } from "./admin-options.ts";

const MODERATOR = "moderator";

/** Decides who may use the admin API. */
export class AdminAccess {
  readonly #rules: AdminAccessRules;
  readonly #authenticator: Authenticator;
  readonly #entrance: Entrance;

  constructor(rules: AdminAccessRules, authenticator: Authenticator, entrance: Entrance) {
    this.#rules = rules;
    this.#authenticator = authenticator;
    this.#entrance = entrance;
  }

  /**
   * Who asks, for the log. Throws `forbidden-origin`, `auth-failed` or `not-allowed`, and
   * `rate-limited` for who fails too often.
   */
  async check(request: IncomingMessage): Promise<string> {
    if (!this.#entrance.origins.allows(request)) {
      throw new SyncError("forbidden-origin", "pages of that origin may not connect");
    }
    try {
      return await this.#identify(request);
    } catch (error) {
      countFailedAttempt(this.#entrance, request);
      throw error;
    }
  }

  async #identify(request: IncomingMessage): Promise<string> {
    const token = bearerOf(request);
    if (token === "") throw new SyncError("auth-failed", "a key or a token is required");
    if (this.#rules.keys.has(token)) return "the holder of a key";
    if (!this.#rules.admitsModerators) throw new SyncError("auth-failed", "the key was refused");
    const { user } = await this.#authenticator.authenticate(token);
    if (user.role === MODERATOR) return JSON.stringify(user.id);
    throw new SyncError("not-allowed", "only moderators may do this");
  }
}
