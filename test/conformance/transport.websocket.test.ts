import { WebSocket } from "ws";
import { testTransport } from "./transport-conformance.ts";

describe("over Colyseus's WebSocket", () => {
  testTransport({
    name: "websocket",
    dialer: () => ({
      fetch: (input, init) => fetch(input, init),
      webSocket: (url, protocols) => new WebSocket(url, protocols),
    }),
  });
});
