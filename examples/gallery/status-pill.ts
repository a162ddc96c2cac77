import type { ConnectionStatus } from "../../client/index.ts";

const WORDS: Readonly<Record<ConnectionStatus, string>> = {
  idle: "Idle",
  connecting: "Connecting",
  connected: "Connected",
  reconnecting: "Reconnecting",
  disconnected: "Disconnected",
};

/** Says in a word and a colour how the connection is; the colours are in `page.css`. */
export function showStatus(element: HTMLElement, status: ConnectionStatus): void {
  element.dataset["status"] = status;
  element.textContent = WORDS[status];
}
