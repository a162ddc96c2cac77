/**
 * How a `useChannel` stands. `Connecting`: subscribed, and not connected yet or not any more.
 * `Disconnecting`: unsubscribed, and the server does not know yet. The hook never says
 * `Unknown`.
 */
export const ChannelStatus = {
  Unknown: 0,
  Connecting: 1,
  Connected: 2,
  Disconnecting: 3,
  Disconnected: 4,
} as const;

export type ChannelStatus = (typeof ChannelStatus)[keyof typeof ChannelStatus];
