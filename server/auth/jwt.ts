import { jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import type { KeyObject } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { checkIdentity, type TokenVerifier, type VerifiedUser } from "./authenticator.ts";
import { importJwtKey, type JwtKeyOptions } from "./jwt-key.ts";

/** The secret or key, and what a token must say beside its `sub`. Times are read off `clock`. */
export type JwtOptions = JwtKeyOptions & {
  /** Who must have issued a token; absent: anybody who has the key. */
  issuer?: string | string[];
  /** Whom a token must be meant for; absent: anybody. */
  audience?: string | string[];
  /**
   * Whether a token without an end (`exp`) is refused; default yes: who got hold of it would be
   * let in for ever.
   */
  requireExpiry?: boolean;
  /** Default: HS256 with a secret, every asymmetric algorithm with a key. */
  algorithms?: readonly string[];
  clock?: Clock;
};

/**
 * Lets in who shows a JSON Web Token (RFC 7519) that is signed with the secret or the key, not
 * expired, and valid already. `sub` becomes the user's id, `name` the name that others see,
 * `role` the role, and at `exp` the session ends.
 *
 * A token says in its header how it is signed; that is never believed: a secret verifies
 * HS256 and nothing else, a public key never HS256. Throws a `TypeError` or `RangeError` at
 * once for options that would let somebody in by mistake.
 */
export function jwt(options: JwtOptions): TokenVerifier {
  const { issuer, audience, requireExpiry = true, clock = systemClock } = options;
  const { key, algorithms } = importJwtKey(options, options.algorithms);
  const checks: JWTVerifyOptions = {
    algorithms: [...algorithms],
    requiredClaims: ["sub"],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  return {
    async verify(token) {
      const currentDate = new Date(clock.now());
      const { payload } = await verifyWith(key, token, { ...checks, currentDate });
      if (requireExpiry && payload.exp === undefined) {
        throw new SyncError("auth-failed", "the token has no end (exp), which jwt() requires");
      }
      return readClaims(payload);
    },
  };
}

function verifyWith(
  key: Uint8Array | KeyObject | JWTVerifyGetKey,
  token: string,
  checks: JWTVerifyOptions,
): Promise<{ payload: JWTPayload }> {
  // The two kinds of key are two overloads of one function.
  return typeof key === "function" ? jwtVerify(token, key, checks) : jwtVerify(token, key, checks);
}

function readClaims({ sub, exp, ...claims }: JWTPayload): VerifiedUser {
  const { name, role } = claims;
  // A role of another type is none: what it was meant to unlock stays closed.
  const user = { id: sub as string, name: name as string };
  const identity = checkIdentity(typeof role === "string" ? { ...user, role } : user);
  if (exp === undefined) return identity;
  const expiresAt = exp * 1_000;
  if (!Number.isFinite(expiresAt)) throw new SyncError("auth-failed", `exp ${exp} is no time`);
  return { ...identity, expiresAt };
}
