import { connectRealtime } from "atrium/client/devvit";
import { addButton, showLine } from "./page-lines.ts";

// Only what is required, and an end when nobody needs it any more.
async function start(): Promise<void> {
  const connection = await connectRealtime({
    channel: "user-updates",
    onMessage: (data) => {
      showLine(`update ${JSON.stringify(data)}`);
    },
  });
  addButton("done", async () => {
    await connection.disconnect();
    showLine("done");
  });
}

void start();
