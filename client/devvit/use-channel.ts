import { useEffect, useInsertionEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ChannelHook, type ChannelOptions } from "./channel-hook.ts";
import { ChannelStatus } from "./channel-status.ts";
import type { JSONValue } from "./json-value.ts";
import { type DevvitParts, openChannel } from "./open-channel.ts";

/** Changes with `status` only; its functions never do. */
export interface UseChannelResult<Message extends JSONValue = JSONValue> {
  /** Begins to listen. In a render it counts when the render is on the page, and once. */
  readonly subscribe: () => void;
  readonly unsubscribe: () => void;
  /** To everybody on the channel, and back. Rejects unless `status` is `Connected`. */
  readonly send: (message: Message) => Promise<void>;
  readonly status: ChannelStatus;
}

export type UseChannel = <Message extends JSONValue = JSONValue>(
  options: ChannelOptions<Message>,
) => UseChannelResult<Message>;

const onServer = (): ChannelStatus => ChannelStatus.Disconnected;

/** The hook of one Devvit. */
export function createUseChannel(parts: DevvitParts): UseChannel {
  return function useChannel<Message extends JSONValue>(options: ChannelOptions<Message>) {
    parts.capabilities.requireRealtime();
    const name = parts.parseName(options.name);
    const [hook] = useState(() => new ChannelHook((...given) => openChannel(parts, ...given)));
    hook.render();
    // Before any other effect, so that those already count as what follows the render.
    useInsertionEffect(() => hook.commit(options as unknown as ChannelOptions));
    useEffect(() => hook.mount(name), [hook, name]);
    useEffect(() => hook.flush());
    const status = useSyncExternalStore(hook.onChange, hook.status, onServer);
    return useMemo<UseChannelResult<Message>>(() => {
      const { subscribe, unsubscribe, send } = hook;
      return { subscribe, unsubscribe, send, status };
    }, [hook, status]);
  };
}
