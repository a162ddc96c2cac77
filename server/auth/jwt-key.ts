import { createRemoteJWKSet, errors, type JWK, type JWTVerifyGetKey } from "jose";
import { createPublicKey, KeyObject } from "node:crypto";
import { SyncError } from "../../shared/errors.ts";
import { isProduction } from "../production.ts";

/** What tokens are verified with: one of the three. */
export type JwtKeyOptions =
  /** Shared with whoever signs the tokens: at least 32 bytes; a text counts in UTF-8. */
  | { secret: string | Uint8Array; publicKey?: never; jwksUrl?: never }
  /** Of a pair: PEM text, a JWK or a key object. */
  | { publicKey: string | JWK | KeyObject; secret?: never; jwksUrl?: never }
  /** Where the issuer publishes its keys; fetched when first needed, and when they change. */
  | { jwksUrl: string | URL; secret?: never; publicKey?: never };

/** A key, or what finds the one that a token names; and how tokens may be signed. */
export interface JwtKey {
  readonly key: Uint8Array | KeyObject | JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

/** Hosts whose answers do not leave the machine. */
const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const MIN_SECRET_BYTES = 32;
const SYMMETRIC = ["HS256"];
const ASYMMETRIC = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");

/** Throws a `TypeError` or `RangeError` for a key that is none, or that could be guessed. */
export function importJwtKey(options: JwtKeyOptions, wanted?: readonly string[]): JwtKey {
  const { secret, publicKey, jwksUrl } = options;
  const given = [secret, publicKey, jwksUrl].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw new TypeError(`jwt takes one of secret, publicKey and jwksUrl, not ${given.length}`);
  }
  const algorithms = selectAlgorithms(secret === undefined ? ASYMMETRIC : SYMMETRIC, wanted);
  if (secret !== undefined) return { key: importSecret(secret), algorithms };
  if (publicKey !== undefined) return { key: importPublicKey(publicKey), algorithms };
  return { key: remoteKeys(new URL(jwksUrl)), algorithms };
}

function selectAlgorithms(possible: readonly string[], wanted = possible): readonly string[] {
  if (wanted.length === 0) throw new TypeError("jwt takes at least one algorithm");
  for (const each of wanted) {
    if (possible.includes(each)) continue;
    throw new TypeError(`algorithm "${each}" is not one of ${possible.join(", ")} for this key`);
  }
  return wanted;
}

function importSecret(secret: string | Uint8Array): Uint8Array {
  // A copy: whoever gave the bytes may use them for something else.
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret.slice();
  if (bytes.byteLength >= MIN_SECRET_BYTES) return bytes;
  throw new RangeError(`a secret of ${bytes.byteLength} bytes is shorter than ${MIN_SECRET_BYTES}`);
}

function importPublicKey(key: string | JWK | KeyObject): KeyObject {
  try {
    if (key instanceof KeyObject) return key.type === "public" ? key : createPublicKey(key);
    return createPublicKey(typeof key === "string" ? key : { key: { ...key }, format: "jwk" });
  } catch (cause) {
    throw new TypeError("publicKey is not a public key", { cause });
  }
}

/** Keys of an issuer elsewhere. That they cannot be fetched says nothing about a token. */
function remoteKeys(url: URL): JWTVerifyGetKey {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`jwksUrl "${url.href}" is neither https nor http`);
  }
  if (url.protocol === "http:" && isProduction() && !LOCAL_HOSTS.has(url.hostname)) {
    throw new TypeError(`jwksUrl "${url.href}" is not https, and anybody on the way could answer`);
  }
  const findKey = createRemoteJWKSet(url);
  return async (header, token) => {
    try {
      return await findKey(header, token);
    } catch (cause) {
      if (isAboutToken(cause)) throw cause;
      throw new SyncError("unreachable", "the issuer's keys cannot be fetched", { cause });
    }
  };
}

function isAboutToken(error: unknown): boolean {
  const { JOSENotSupported, JWKSMultipleMatchingKeys, JWKSNoMatchingKey } = errors;
  return [JOSENotSupported, JWKSMultipleMatchingKeys, JWKSNoMatchingKey].some(
    (kind) => error instanceof kind,
  );
}
