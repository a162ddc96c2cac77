import { decode, type Iterator } from "@colyseus/schema";
import { unpack } from "msgpackr";
import type { Subscriber } from "../../server/channels/channel.ts";
import type { Publication } from "../../shared/events/publication.ts";
import type { PresenceEvent } from "../../shared/events/presence-event.ts";
import { CHANNEL_NEWS_TYPE, type ChannelNews } from "../../shared/protocol/channel-messages.ts";
import { fromWireNews, type HeardNews } from "./channel-wire.ts";

/** A session's end of a channel that keeps what it is told. */
export class RecordedSubscriber implements Subscriber {
  readonly sessionId: string;
  readonly userId: string;
  readonly frames: Uint8Array[] = [];

  constructor(userId: string, sessionId = `${userId}-1`) {
    this.sessionId = sessionId;
    this.userId = userId;
  }

  deliver(frame: Uint8Array): void {
    this.frames.push(frame);
  }

  /** In the order in which it was told. */
  get news(): HeardNews[] {
    return this.frames.map(decodeNews);
  }

  get publications(): Publication[] {
    return this.news.flatMap((each) => (each.kind === "publication" ? [each.publication] : []));
  }

  get presence(): PresenceEvent[] {
    return this.news.flatMap((each) => (each.kind === "presence" ? [each.presence] : []));
  }
}

function decodeNews(frame: Uint8Array): HeardNews {
  const it: Iterator = { offset: 1 };
  const type = decode.string(frame, it);
  if (type !== CHANNEL_NEWS_TYPE) throw new Error(`frame of type "${type}"`);
  return fromWireNews(unpack(frame.subarray(it.offset)) as ChannelNews);
}
