import { connect, type Socket } from "node:net";

/** A TCP connection that says what no HTTP client would, and keeps what it is told. */
export interface RawPeer {
  readonly socket: Socket;
  isClosed: boolean;
  received: string;
}

/** Says `text` and nothing more, and leaves its end open. */
export async function sayRaw(port: number, text: string): Promise<RawPeer> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const peer: RawPeer = { socket, isClosed: false, received: "" };
  socket.on("data", (data) => {
    peer.received += data.toString();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    peer.isClosed = true;
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(text);
  return peer;
}

/** The status of each answer so far. */
export function statusesOf({ received }: RawPeer): number[] {
  return Array.from(received.matchAll(/^HTTP\/1\.1 (\d+) /gm), ([, status]) => Number(status));
}
