import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncRoom } from "../../../server/index.ts";

const Open = schema({ count: t.uint32().default(0), values: t.map("number") }, "Open");
type Open = SchemaType<typeof Open>;

/** A durable room that takes every kind of message, and counts aloud. */
export class OpenRoom extends SyncRoom<{ state: Open }> {
  override state = new Open();
  override ticksPerSecond = 50;
  override persistence = { key: ({ name }: { name: string }): string => name };

  override messages = {
    echo: intent(z.unknown(), (_client, payload) => payload),
    put: intent(
      z.object({ key: z.enum(["a", "b", "c"]), value: z.number() }),
      (_client, { key, value }) => {
        this.state.values.set(key, value);
      },
    ),
    stock: (_client: unknown, payload: unknown): unknown => typeof payload,
  };

  override onCreate(): void {
    this.onMessageBytes("bytes", () => undefined);
  }

  override onTick(): void {
    this.state.count += 1;
    this.publish("count", this.state.count);
  }
}
