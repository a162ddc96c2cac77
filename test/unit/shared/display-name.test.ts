import assert from "node:assert/strict";
import { normalizeName } from "../../../shared/display-name.ts";

const SHOWN: [what: string, name: string, expected: string][] = [
  ["a plain name", "Ada", "Ada"],
  ["a name with a space", "Ada Lovelace", "Ada Lovelace"],
  ["a name with spaces around it", "  Ada\n", "Ada"],
  ["accents that are composed already", "Zo\u00EB", "Zo\u00EB"],
  ["accents that have to be composed", "Zoe\u0308", "Zo\u00EB"],
  ["punctuation", "O'Neill-Smith, Jr.", "O'Neill-Smith, Jr."],
  ["Arabic", "\u0645\u062D\u0645\u062F", "\u0645\u062D\u0645\u062F"],
  ["Hindi, with its vowel signs", "\u0928\u093F\u0936\u093E", "\u0928\u093F\u0936\u093E"],
  ["Chinese", "\u738B\u5C0F\u660E", "\u738B\u5C0F\u660E"],
  ["emoji", "\u{1F600} fan", "\u{1F600} fan"],
  ["an emoji with its style", "I \u2764\uFE0F you", "I \u2764\uFE0F you"],
  ["one character", "x", "x"],
  ["32 characters", "x".repeat(32), "x".repeat(32)],
  ["what looks like markup, which is text", "<b>Ada</b>", "<b>Ada</b>"],
];

const REFUSED: [what: string, name: unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["a number", 7],
  ["an object that would make a name", { toString: () => "Ada" }],
  ["an empty name", ""],
  ["spaces", "   "],
  ["33 characters", "x".repeat(33)],
  ["two spaces in a row", "Ada  Lovelace"],
  ["a line break", "Ada\nLovelace"],
  ["a tab", "Ada\tLovelace"],
  ["a no-break space", "Ada\u00A0Lovelace"],
  ["an ideographic space", "Ada\u3000Lovelace"],
  ["a null character", "Ada\0"],
  ["an escape sequence", "\u001B[31mAda"],
  ["a delete character", "Ada\u007F"],
  ["an override of the direction", "Ada\u202Egnp.exe"],
  ["an isolate of the direction", "\u2066Ada"],
  ["a zero-width space", "A\u200Bda"],
  ["a zero-width joiner", "A\u200Dda"],
  ["a byte order mark inside", "A\uFEFFda"],
  ["a soft hyphen", "A\u00ADda"],
  ["half a surrogate pair", "Ada\uD83D"],
  ["a private-use character", "\uE000"],
  ["a character that is not assigned", "\u0378"],
  ["a tag character", "Ada\u{E0041}"],
  ["a letter that nobody sees (Hangul filler)", "\u3164"],
  ["a half-width letter that nobody sees", "\uFFA0"],
  ["an invisible consonant before a name", "\u115FAda"],
  ["the blank Braille pattern", "\u2800"],
  ["an invisible mark (grapheme joiner)", "Ada\u034F"],
  ["an invisible Khmer vowel", "Ada\u17B4"],
  ["a style selector on a letter", "Ada\uFE0F"],
  ["another style selector", "Ada\uFE00"],
];

describe("normalizeName", () => {
  for (const [what, name, expected] of SHOWN) {
    it(`shows ${what}`, () => {
      assert.equal(normalizeName(name), expected);
    });
  }

  for (const [what, name] of REFUSED) {
    it(`refuses ${what}`, () => {
      assert.equal(normalizeName(name), undefined);
    });
  }

  it("does not change a name that it has made", () => {
    for (const [, name] of SHOWN) {
      const once = normalizeName(name);
      assert.equal(normalizeName(once), once);
    }
  });

  it("is quick with names that are made to be slow", () => {
    assert.equal(normalizeName(`${"a ".repeat(100_000)}\0`), undefined);
    assert.equal(normalizeName(`${"a".repeat(31)}\0`), undefined);
  });
});
