import { connectRealtime } from "atrium/client/devvit";
import { addButton, showLine } from "./page-lines.ts";

// The first program of Devvit Web's page: every callback, and the connection's end.
async function start(): Promise<void> {
  const connection = await connectRealtime({
    channel: "my-channel",
    onConnect: (channel) => {
      showLine(`here on ${channel}`);
    },
    onDisconnect: (channel) => {
      showLine(`gone from ${channel}`);
    },
    onMessage: (data) => {
      showLine(`heard ${JSON.stringify(data)}`);
    },
  });
  addButton("leave", async () => {
    await connection.disconnect();
    showLine("left");
  });
}

void start();
