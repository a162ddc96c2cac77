import type { Authentication, Authenticator } from "../auth/authenticator.ts";
import { SyncError } from "../../shared/errors.ts";
import type { BanList } from "./ban-list.ts";

/** Lets in whom `authenticator` lets in, but for those who are banned. */
export class BanningAuthenticator implements Authenticator {
  readonly #authenticator: Authenticator;
  readonly #bans: BanList;

  constructor(authenticator: Authenticator, bans: BanList) {
    this.#authenticator = authenticator;
    this.#bans = bans;
  }

  /** Throws `not-allowed`, which clients take for final, for somebody who is banned. */
  async authenticate(token: string | undefined): Promise<Authentication> {
    const authentication = await this.#authenticator.authenticate(token);
    const ban = this.#bans.find(authentication.user.id);
    if (ban === undefined) return authentication;
    const reason = ban.reason === "" ? "" : `: ${ban.reason}`;
    throw new SyncError("not-allowed", `you are banned from this server${reason}`);
  }
}
