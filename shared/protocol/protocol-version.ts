/**
 * The version of everything that our client and server say beyond stock Colyseus: the
 * subprotocols, the hello and the intent envelope. Raised when an older side could
 * misread a newer one; on a mismatch the server closes with `CloseCode.VERSION_MISMATCH`.
 */
export const PROTOCOL_VERSION = 1;

/** First subprotocol of our client's WebSocket: `atrium.<version>`. A stock SDK offers none. */
export const VERSION_SUBPROTOCOL_PREFIX = "atrium.";

/** Carries a reconnection token outside the URL, where logs would keep it. */
export const RECONNECT_SUBPROTOCOL_PREFIX = "atrium-reconnect.";

/** Says which state schema the client already holds; see `Hello.schema`. */
export const SCHEMA_SUBPROTOCOL_PREFIX = "atrium-schema.";

/** Says of which build the page is; see `Hello.build`. */
export const BUILD_SUBPROTOCOL_PREFIX = "atrium-build.";
