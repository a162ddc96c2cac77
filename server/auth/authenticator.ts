import type { Clock } from "../../shared/clock.ts";
import { normalizeName } from "../../shared/display-name.ts";
import { SyncError } from "../../shared/errors.ts";
import { MAX_TOKEN_LENGTH, MAX_USER_ID_LENGTH } from "../../shared/limits.ts";
import type { Identity, IssuedIdentity } from "../../shared/protocol/hello.ts";

/** Whom a token belongs to, and until when. */
export interface VerifiedUser extends Identity {
  /** Milliseconds since the Unix epoch; absent: for ever. Shown to nobody else. */
  expiresAt?: number;
}

/** Turns a token into a user. Rejects, or returns nothing, when the token is no good. */
export interface TokenVerifier {
  /**
   * A rejection means `auth-failed`, which clients take for final; a `SyncError` of another
   * code is passed on, such as `unreachable` when the token could not be looked at.
   */
  verify(token: string): VerifiedUser | undefined | Promise<VerifiedUser | undefined>;
}

/** Who is behind a request, and until when that counts. */
export interface Authentication extends IssuedIdentity {
  /** Milliseconds since the Unix epoch; absent: for ever. */
  expiresAt?: number;
}

/** Finds out who is behind a request. */
export interface Authenticator {
  /** Throws `auth-failed`. Without a token: a new guest, where guests are let in. */
  authenticate(token: string | undefined): Promise<Authentication>;
}

/** Lets in only whom `verifier` knows, and only before the token expires. */
export class TokenAuthenticator implements Authenticator {
  readonly #verifier: TokenVerifier;
  readonly #clock: Clock;

  constructor(verifier: TokenVerifier, clock: Clock) {
    this.#verifier = verifier;
    this.#clock = clock;
  }

  async authenticate(token: string | undefined): Promise<Authentication> {
    if (token === undefined) throw new SyncError("auth-failed", "a token is required");
    if (token.length > MAX_TOKEN_LENGTH) {
      const text = `a token of ${token.length} characters exceeds ${MAX_TOKEN_LENGTH}`;
      throw new SyncError("auth-failed", text);
    }
    const verified = await this.#verify(token);
    // Code without types may as well say null.
    if (verified === undefined || verified === null) {
      throw new SyncError("auth-failed", "the token was refused");
    }
    const user = checkIdentity(verified);
    const { expiresAt } = verified;
    if (expiresAt === undefined) return { user };
    // Code without types may say anything: what is no time is no permission.
    if (typeof expiresAt === "number" && expiresAt > this.#clock.now()) return { user, expiresAt };
    throw new SyncError("auth-failed", "the token has expired");
  }

  async #verify(token: string): Promise<VerifiedUser | null | undefined> {
    try {
      return await this.#verifier.verify(token);
    } catch (cause) {
      if (cause instanceof SyncError) throw cause;
      throw new SyncError("auth-failed", "the token was refused", { cause });
    }
  }
}

/** The identity with a name fit to be shown. Throws `auth-failed` for one that is not. */
export function checkIdentity(user: Identity): Identity {
  const name = normalizeName(user.name);
  // As long as one that can be banned.
  const isId =
    typeof user.id === "string" && user.id !== "" && user.id.length <= MAX_USER_ID_LENGTH;
  if (!isId || name === undefined) {
    throw new SyncError("auth-failed", "no usable id or name in the identity behind the token");
  }
  return user.role === undefined ? { id: user.id, name } : { id: user.id, name, role: user.role };
}
