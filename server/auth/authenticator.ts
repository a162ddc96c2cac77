import { normalizeName } from "../../shared/display-name.ts";
import { SyncError } from "../../shared/errors.ts";
import type { Identity, IssuedIdentity } from "../../shared/protocol/hello.ts";

/** Turns a token into a user. Rejects, or returns nothing, when the token is no good. */
export interface TokenVerifier {
  verify(token: string): Identity | undefined | Promise<Identity | undefined>;
}

/** Finds out who is behind a request. */
export interface Authenticator {
  /** Throws `auth-failed`. Without a token: a new guest, where guests are let in. */
  authenticate(token: string | undefined): Promise<IssuedIdentity>;
}

/** Lets in only whom `verifier` knows. */
export class TokenAuthenticator implements Authenticator {
  readonly #verifier: TokenVerifier;

  constructor(verifier: TokenVerifier) {
    this.#verifier = verifier;
  }

  async authenticate(token: string | undefined): Promise<IssuedIdentity> {
    if (token === undefined) throw new SyncError("auth-failed", "a token is required");
    let user: Identity | null | undefined;
    try {
      user = await this.#verifier.verify(token);
    } catch (cause) {
      throw new SyncError("auth-failed", "the token was refused", { cause });
    }
    // Code without types may as well say null.
    if (user === undefined || user === null) {
      throw new SyncError("auth-failed", "the token was refused");
    }
    return { user: checkIdentity(user) };
  }
}

/** The identity with a name fit to be shown. Throws `auth-failed` for one that is not. */
export function checkIdentity(user: Identity): Identity {
  const name = normalizeName(user.name);
  if (typeof user.id !== "string" || user.id === "" || name === undefined) {
    throw new SyncError("auth-failed", `no usable id or name in the identity of "${user.id}"`);
  }
  return user.role === undefined ? { id: user.id, name } : { id: user.id, name, role: user.role };
}
