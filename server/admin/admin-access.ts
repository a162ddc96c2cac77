import type { IncomingMessage } from "node:http";
import { getBearerToken } from "@colyseus/core";
import type { Authenticator } from "../auth/authenticator.ts";
import type { OriginGuard } from "../http/origin-guard.ts";
import { SyncError } from "../../shared/errors.ts";
import type { AdminAccessRules } from "./admin-options.ts";

const MODERATOR = "moderator";

/** Decides who may use the admin API. */
export class AdminAccess {
  readonly #rules: AdminAccessRules;
  readonly #authenticator: Authenticator;
  readonly #origins: OriginGuard;

  constructor(rules: AdminAccessRules, authenticator: Authenticator, origins: OriginGuard) {
    this.#rules = rules;
    this.#authenticator = authenticator;
    this.#origins = origins;
  }

  /** Who asks, for the log. Throws `forbidden-origin`, `auth-failed` or `not-allowed`. */
  async check(request: IncomingMessage): Promise<string> {
    if (!this.#origins.allows(request)) {
      throw new SyncError("forbidden-origin", "pages of that origin may not connect");
    }
    const token = getBearerToken(request.headers.authorization ?? "") ?? "";
    if (token === "") throw new SyncError("auth-failed", "a key or a token is required");
    if (this.#rules.keys.has(token)) return "the holder of a key";
    if (!this.#rules.admitsModerators) throw new SyncError("auth-failed", "the key was refused");
    const { user } = await this.#authenticator.authenticate(token);
    if (user.role === MODERATOR) return JSON.stringify(user.id);
    throw new SyncError("not-allowed", "only moderators may do this");
  }
}
