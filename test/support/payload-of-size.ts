/** What payloads of a size are made of: the JSON of one item of a list. */
const ITEMS = ["1", "0.5", "-1234.5678", "null", "[]", '{"a":[null]}', '""', '"é"', '"😀\\n"'];

/** Payloads of every kind whose JSON has exactly so many bytes in UTF-8. */
export function payloadsOfSize(bytes: number): unknown[] {
  const text = "x".repeat(bytes - 2);
  return [text, ...ITEMS.map((item) => listOfSize(bytes, item))];
}

/** As many items as fit, and a text for what is left. */
function listOfSize(bytes: number, json: string): unknown[] {
  const item = JSON.parse(json) as unknown;
  const each = Buffer.byteLength(JSON.stringify(item)) + 1;
  const brackets = '[""]'.length;
  const count = Math.floor((bytes - brackets) / each);
  const rest = bytes - brackets - count * each;
  return [...Array.from({ length: count }, () => item), "r".repeat(rest)];
}
