/** What a numeric type of a schema can hold, in a field or in a collection. */
export interface NumberRange {
  /** Whether clients read what the server holds, up to the rounding of a float. */
  holds(value: unknown): boolean;
  /** A sentence without its full stop, for the error of what is refused. */
  readonly text: string;
}

/** Halfway from the largest float32 to the next power of two: from there on it is infinite. */
const FLOAT32_OVERFLOW = 2 ** 128 - 2 ** 103;

/** It crosses the wire as it is, `NaN` and the infinities included. */
const FLOAT64: NumberRange = {
  holds: (value) => typeof value === "number",
  text: "a float64 is a number",
};

const RANGES: ReadonlyMap<string, NumberRange> = new Map(
  Object.entries<NumberRange>({
    int8: whole("an int8", -(2 ** 7), 2 ** 7 - 1),
    uint8: whole("a uint8", 0, 2 ** 8 - 1),
    int16: whole("an int16", -(2 ** 15), 2 ** 15 - 1),
    uint16: whole("a uint16", 0, 2 ** 16 - 1),
    int32: whole("an int32", -(2 ** 31), 2 ** 31 - 1),
    uint32: whole("a uint32", 0, 2 ** 32 - 1),
    // The largest numbers that there are below the powers of two.
    int64: whole("an int64", -(2 ** 63), 2 ** 63 - 2 ** 10),
    uint64: whole("a uint64", 0, 2 ** 64 - 2 ** 11),
    bigint64: big("a bigint64", -(2n ** 63n), 2n ** 63n - 1n),
    biguint64: big("a biguint64", 0n, 2n ** 64n - 1n),
    number: {
      // The others are 0 and ±9007199254740991 at a client.
      holds: (value) => Number.isFinite(value),
      text: "a field of type number is finite; one of type float64 need not be",
    },
    float32: {
      holds: (value) =>
        typeof value === "number" &&
        ((value > -FLOAT32_OVERFLOW && value < FLOAT32_OVERFLOW) || !Number.isFinite(value)),
      text: "a float32 goes from -3.4028235e38 to 3.4028235e38",
    },
    float64: FLOAT64,
  }),
);

/** Of a field's or element's type; undefined: it is no numeric one, or holds what it likes. */
export function rangeOf(type: unknown): NumberRange | undefined {
  return typeof type === "string" ? RANGES.get(type) : undefined;
}

/** Whether every number is in the range: only something that is no number can be refused. */
export function isUnlimited(range: NumberRange): boolean {
  return range === FLOAT64;
}

function whole(name: string, min: number, max: number): NumberRange {
  return {
    holds: (value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    text: `${name} is a whole number from ${min} to ${max}`,
  };
}

function big(name: string, min: bigint, max: bigint): NumberRange {
  return {
    holds: (value) => typeof value === "bigint" && value >= min && value <= max,
    text: `${name} is a bigint from ${min} to ${max}`,
  };
}
