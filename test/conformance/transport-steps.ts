import type { Recovery } from "../../shared/events/publication.ts";
import type { Heard, TransportWorld } from "./transport-world.ts";

export const TOPIC = "chat/a";
/** A first delay before a rejoin is 1 s and a fifth at most. */
export const FIRST_REJOIN_MS = 1_250;

/** The server's own code publishes, one after the other. */
export async function publish(
  world: TransportWorld,
  ...messages: (string | number)[]
): Promise<void> {
  for (const message of messages) {
    await world.done(world.server.realtime.send(TOPIC, message));
  }
}

export function recoveries({ heard }: { heard: Heard }): Recovery[] {
  return heard.of("recovery").map(({ data }) => data as Recovery);
}
