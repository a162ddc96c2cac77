/** What both servers carry: about 100 bytes of JSON. */
export interface ChatMessage {
  readonly author: string;
  readonly text: string;
  readonly at: number;
}

export const EVENT = "message";

export function createMessage(at: number): ChatMessage {
  return { author: "somebody", text: "about as much as somebody types into a chat at once", at };
}

export type ServerKind = "atrium" | "socket.io";
