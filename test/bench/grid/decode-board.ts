import { Reflection } from "@colyseus/schema";
import { registerGrid } from "../../../shared/state/grid-field.ts";
import { answerParent } from "../child-program.ts";
import { median } from "../figures.ts";
import type { Joined } from "./board-client.ts";

// What a joiner's page spends on its first full state, in a process that has done nothing
// before: the very first time, and once it is compiled.
const DECODES = 21;

export interface DecodingReport {
  firstMs: number;
  warmMs: number;
}

/** Decodes as a client does that knows nothing but the handshake. */
function decodeJoin({ reflection, frame }: Joined): DecodingReport {
  registerGrid();
  const times = Array.from({ length: DECODES }, () => {
    const decoder = Reflection.decode(reflection);
    const startedAt = performance.now();
    decoder.decode(frame, { offset: 1 });
    return performance.now() - startedAt;
  });
  return { firstMs: times[0]!, warmMs: median(times.slice(DECODES >> 1)) };
}

answerParent({ decodeJoin });
