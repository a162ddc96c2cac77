import { client } from "atrium/client/patterns";
import { show } from "./show.ts";

/** Follows two topics, tells of new users, and says hello. */
async function run(): Promise<void> {
  await client.init(["users", "notifications"]);

  const emitter = client.getEventEmitter();
  emitter.subscribe("users.created", {
    update: (event) => {
      show("A user was created:", event);
    },
  });
  emitter.subscribe("users.update", {
    update: ({ timestamp, ...event }) => {
      show("The server says:", { ...event, isDate: timestamp instanceof Date });
    },
  });

  await client.publish("users", {
    id: crypto.randomUUID(),
    type: "users.message",
    source: "client",
    timestamp: new Date(),
    data: { message: "Hello, this is a client!" },
  });
  show("Published:", "users.message");
}

void run().catch((error: { code: string }) => show("Failed:", error.code));
