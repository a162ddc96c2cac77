import { connectRealtime } from "atrium/client/devvit";
import { showLine } from "./page-lines.ts";

// The original leaves these two out.
function setIsConnected(isConnected: boolean): void {
  document.title = isConnected ? "connected" : "disconnected";
}
function addMessageToChat({ user, text }: { user: string; text: string }): void {
  showLine(`${user}: ${text}`);
}

// A page that shows how it is connected, and adds what arrives to what it shows.
async function start(): Promise<void> {
  await connectRealtime<{ user: string; text: string }>({
    channel: "live-chat",
    onConnect: (channel) => {
      showLine(`welcome to ${channel}`);
      setIsConnected(true);
    },
    onDisconnect: (channel) => {
      showLine(`${channel} is away`);
      setIsConnected(false);
    },
    onMessage: (data) => {
      addMessageToChat(data);
    },
  });
}

void start();
