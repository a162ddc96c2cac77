import { matchMaker } from "@colyseus/core";

/** Whether rooms are closing for good: whoever asks for a seat now gets it from the next process. */
export function isShuttingDown(): boolean {
  return matchMaker.state === matchMaker.MatchMakerState.SHUTTING_DOWN;
}
