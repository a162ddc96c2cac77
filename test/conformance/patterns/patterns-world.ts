import {
  createPatternsClient,
  type PatternsClient,
  type RealtimeEvent,
  type RealtimeProviderOptions,
} from "../../../client/patterns/index.ts";
import { silentLogger } from "../../../server/logger.ts";
import {
  type PatternsServer,
  type PatternsServerOptions,
  RealtimeServerFactory,
} from "../../../server/patterns/index.ts";
import { TEST_GUEST_SECRET } from "../../../server/testing/create-test-server.ts";
import { NetworkUser } from "../../support/network-user.ts";

/** What makes a server quiet and leaves no files. */
export const QUIET = { guestSecret: TEST_GUEST_SECRET, logger: silentLogger } as const;

/** A server of the factory, started on a free port; `await using` stops it. */
export async function startPatternsServer(
  options: PatternsServerOptions = {},
): Promise<PatternsServer> {
  const server = RealtimeServerFactory.create({ port: 0, host: "127.0.0.1", ...QUIET, ...options });
  await server.start();
  return server;
}

/** Somebody with a client, on a network that the test breaks; it comes back at once. */
export class Visitor extends NetworkUser implements Disposable {
  readonly url: string;
  readonly client: PatternsClient;
  readonly options: RealtimeProviderOptions;

  constructor(server: { readonly port: number }, options: RealtimeProviderOptions = {}) {
    super();
    this.url = `ws://127.0.0.1:${server.port}`;
    this.options = { ...this.network, ...options };
    this.client = createPatternsClient(this.url, this.options);
  }

  /** Follows the topics; what is heard from then on, but for greetings. */
  async follow(...topics: string[]): Promise<RealtimeEvent[]> {
    await this.client.init(topics);
    return this.record();
  }

  /** What the emitter tells from now on, but for greetings. */
  record(): RealtimeEvent[] {
    const heard: RealtimeEvent[] = [];
    const update = (event: RealtimeEvent): void => {
      if (event.type !== "connection.established") heard.push(event);
    };
    this.client.getEventEmitter().subscribe("*", { update });
    return heard;
  }

  [Symbol.dispose](): void {
    void this.client.disconnect();
  }
}

/** An event as the seed's programs write it. */
export function eventOf(type: string, data: unknown = null): RealtimeEvent {
  return { id: crypto.randomUUID(), type, source: "client", timestamp: new Date(), data };
}

/** The data of events, in order. */
export function dataOf(events: readonly RealtimeEvent[]): unknown[] {
  return events.map(({ data }) => data);
}
