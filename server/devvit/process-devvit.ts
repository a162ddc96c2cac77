import { processServer } from "../process-server.ts";
import { bindDevvit } from "./create-devvit.ts";

/** Devvit's names, bound to the process's one server from its `listen()` on. */
export const { Devvit, realtime } = bindDevvit(processServer);
