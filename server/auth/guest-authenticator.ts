import { randomBytes, randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { SyncError } from "../../shared/errors.ts";
import type { IssuedIdentity } from "../../shared/protocol/hello.ts";
import { checkIdentity, type Authenticator } from "./authenticator.ts";

const ALGORITHM = "HS256";
const ISSUER = "atrium";
const MIN_SECRET_BYTES = 32;
const AUDIENCE = "atrium-guest";

/**
 * Gives everybody who comes without a token an identity of their own, signed so that nobody
 * can claim another's. A guest stays the same across reloads and tabs for as long as the
 * browser keeps the token and the server its secret.
 */
export class GuestAuthenticator implements Authenticator {
  #secret: Uint8Array | undefined;

  /** What tokens are signed with from now on: at least 32 bytes (RFC 7518, 3.2 for HS256). */
  useSecret(secret: Uint8Array): void {
    if (secret.byteLength < MIN_SECRET_BYTES) {
      const text = `a guest secret of ${secret.byteLength} bytes is shorter than ${MIN_SECRET_BYTES}`;
      throw new RangeError(text);
    }
    this.#secret = secret;
  }

  async authenticate(token: string | undefined): Promise<IssuedIdentity> {
    const secret = this.#secret;
    if (secret === undefined) throw new SyncError("auth-failed", "the server is not open yet");
    if (token === undefined) return welcomeGuest(secret);
    try {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
      });
      return { user: checkIdentity({ id: payload.sub ?? "", name: payload["name"] as string }) };
    } catch (cause) {
      throw new SyncError("auth-failed", "the guest token was refused", { cause });
    }
  }
}

async function welcomeGuest(secret: Uint8Array): Promise<IssuedIdentity> {
  const user = { id: `guest-${randomUUID()}`, name: `Guest ${randomBytes(2).toString("hex")}` };
  const token = await new SignJWT({ name: user.name })
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(user.id)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .sign(secret);
  return { user, token };
}
