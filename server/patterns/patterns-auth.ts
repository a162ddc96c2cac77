import { hash } from "node:crypto";
import { SyncError } from "../../shared/errors.ts";
import type { TokenVerifier, VerifiedUser } from "../auth/authenticator.ts";

/** What a token says of who shows it. */
export interface TokenClaims {
  /** Who it is; without it, everybody with the same token is one user. */
  readonly sub?: string;
  readonly name?: string;
  readonly role?: string;
  /** When it expires, in seconds since the Unix epoch. */
  readonly exp?: number;
}

/** How tokens are looked at. */
export interface TokenAuth {
  /** False: everybody is let in, as a guest. Default true. */
  readonly enabled?: boolean;
  readonly validateToken?: (token: string) => boolean | Promise<boolean>;
  readonly extractClaims?: (token: string) => TokenClaims | Promise<TokenClaims>;
}

const ID_LENGTH = 22;

/**
 * Turns what a program says of authentication into a verifier; undefined: guests. Throws
 * `options-invalid` when it wants tokens looked at and does not say how.
 */
export function toVerifier(auth: TokenVerifier | TokenAuth | undefined): TokenVerifier | undefined {
  if (auth === undefined) return undefined;
  if ("verify" in auth) return auth;
  const { enabled = true, validateToken, extractClaims } = auth;
  if (!enabled) return undefined;
  if (validateToken === undefined && extractClaims === undefined) {
    throw new SyncError("options-invalid", "auth has neither validateToken nor extractClaims");
  }
  return {
    verify: async (token) => {
      // Code without types may return anything: only a yes is one.
      const isValid: unknown = validateToken === undefined || (await validateToken(token));
      if (isValid !== true) return undefined;
      return toUser(token, (await extractClaims?.(token)) ?? {});
    },
  };
}

function toUser(token: string, { sub, name = "User", role, exp }: TokenClaims): VerifiedUser {
  return {
    id: sub ?? `token-${hash("sha256", token, "base64url").slice(0, ID_LENGTH)}`,
    name,
    ...(role === undefined ? {} : { role }),
    ...(exp === undefined ? {} : { expiresAt: exp * 1_000 }),
  };
}
