/** First byte of a number: the number itself below the first of these, else what follows. */
export const NumberForm = {
  UINT16: 0xf0,
  UINT32: 0xf1,
  /** `-1 - n`, so that there is no second zero. */
  NEGATIVE_UINT16: 0xf2,
  NEGATIVE_UINT32: 0xf3,
  FLOAT32: 0xf4,
  FLOAT64: 0xf5,
} as const;
