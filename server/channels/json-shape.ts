/** What a JSON text is made of, as far as it can be told without making it. */
export interface JsonShape {
  /** How deep objects and lists are in each other; 0: there are none. */
  readonly depth: number;
  /** Objects, lists, and names in objects. */
  readonly parts: number;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Looks at each character about once. What it says of a text that is no JSON means nothing. */
export function shapeOf(text: string): JsonShape {
  let depth = 0;
  let deepest = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfText(text, at);
    } else if (code === COLON) {
      parts += 1;
    } else if (isOpening(code)) {
      parts += 1;
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (isClosing(code)) {
      depth -= 1;
    }
  }
  return { depth: deepest, parts };
}

/** `[` or `{`, which differ in one bit; so do `]` and `}`. */
function isOpening(code: number): boolean {
  return (code & ~0x20) === 0x5b;
}

function isClosing(code: number): boolean {
  return (code & ~0x20) === 0x5d;
}

/** Where the text that begins at `start` ends: at a quote that is not escaped. */
function endOfText(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
}
