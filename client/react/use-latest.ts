import { useCallback, useLayoutEffect, useRef } from "react";

/** A function that is always the same, and gives what the latest committed render was given. */
export function useLatest<Value>(value: Value): () => Value {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return useCallback(() => latest.current, []);
}
