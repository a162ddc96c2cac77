import { createAerostack, type PublishReceipt, sdk } from "../../../../server/aerostack/index.ts";
import type { RealtimeServer } from "../../../../server/realtime-server.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

interface Order {
  id: string;
  total: number;
}

export async function useOfTheSdk(server: RealtimeServer, order: Order): Promise<void> {
  const receipt: PublishReceipt = await sdk.socket.emit("message", order, "shop/orders");
  await createAerostack(server).socket.emit("message", { ...receipt }, "shop/orders");
  // @ts-expect-error: it has to be said who is meant.
  await sdk.socket.emit("message", order);
  // @ts-expect-error: an event has a name.
  await sdk.socket.emit(1, order, "shop/orders");
}
