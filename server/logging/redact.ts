import { RECONNECT_SUBPROTOCOL_PREFIX } from "../../shared/protocol/protocol-version.ts";
import { MAX_LOGGED_LENGTH } from "../../shared/limits.ts";

const REDACTED = "[redacted]";
const SECRET_WORD = "token|secret|passw(?:or)?d|authorization|api[_-]?key|cookie|credential";
const SECRET_NAME = new RegExp(SECRET_WORD, "i");

/** What looks like a secret, and what takes its place. Each reads its text once or nearly so. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // JSON web tokens, ours for guests included.
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${REDACTED}`],
  [
    new RegExp(`(${RECONNECT_SUBPROTOCOL_PREFIX.replaceAll(".", "\\.")})[^\\s"',]+`, "g"),
    `$1${REDACTED}`,
  ],
  // A query may hold anything; what is in front of it says enough.
  [/(\/[^\s?"'<>]{0,500})\?[^\s"'<>)]+/g, `$1?${REDACTED}`],
  [/\/\/[^\s/@]{1,500}@/g, `//${REDACTED}@`],
  [
    new RegExp(
      `((?:${SECRET_WORD})[\\w-]{0,40}["']?\\s{0,3}[:=]\\s{0,3})(?:"[^"]*"|'[^']*'|[^\\s,;&}"']+)`,
      "gi",
    ),
    `$1${REDACTED}`,
  ],
];

/** But for line breaks and tabs: what moves a terminal's cursor, or turns text around. */
// oxlint-disable-next-line no-control-regex -- those are meant
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text without what looks like a secret, without `secrets`, not longer than a line may be,
 * and with nothing in it that a terminal obeys.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let redacted = text;
  for (const secret of secrets) {
    if (secret !== "") redacted = redacted.replaceAll(secret, REDACTED);
  }
  if (redacted.length > MAX_LOGGED_LENGTH) redacted = `${redacted.slice(0, MAX_LOGGED_LENGTH)}…`;
  for (const [pattern, replacement] of PATTERNS) {
    redacted = redacted.replace(pattern, replacement);
  }
  return redacted.replace(CONTROLS, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Whether what goes by this name is nobody else's business. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
