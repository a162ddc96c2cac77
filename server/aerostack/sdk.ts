import { processServer } from "../process-server.ts";
import { type Aerostack, aerostackOf } from "./create-aerostack.ts";

/**
 * Aerostack's server SDK for the process's one server. Its calls reject with `closed` before
 * that listens, and where there are two.
 */
export const sdk: Aerostack = aerostackOf(processServer);
