import { readHistory, readMessage } from "../../client/channels/read-history.ts";
import {
  readAnswer,
  readNews,
  type TopicAnswer,
  type TopicNews,
} from "../../client/channels/read-news.ts";
import type { HistoryMessage } from "../../shared/events/publication.ts";
import type {
  ChannelNews,
  ChannelOperation,
  ChannelOperations,
} from "../../shared/protocol/channel-messages.ts";

/** News of a topic with payloads as values, as applications see them. */
export type HeardNews = TopicNews & { readonly topic: string };

/** What is asked for, with payloads as values. */
export type AskedFor<Name extends ChannelOperation> = {
  [Key in keyof ChannelOperations[Name]["arguments"]]: Key extends "data" | "state" | "presence"
    ? unknown
    : ChannelOperations[Name]["arguments"][Key];
};

/** What comes back, with payloads as values. */
export interface Answers extends Record<ChannelOperation, unknown> {
  subscribe: TopicAnswer;
  unsubscribe: null;
  publish: ChannelOperations["publish"]["answer"];
  track: null;
  untrack: null;
  history: HistoryMessage[];
  edit: HistoryMessage;
  delete: HistoryMessage;
  authenticate: ChannelOperations["authenticate"]["answer"];
}

const PAYLOADS = ["data", "state", "presence"];

/** Payloads among arguments become JSON text. */
export function toWireArguments(given: object): object {
  const written = Object.entries(given).map(([name, value]) => [
    name,
    PAYLOADS.includes(name) ? JSON.stringify(value) : (value as unknown),
  ]);
  return Object.fromEntries(written) as object;
}

/** Payloads among arguments become values again. */
export function fromWireArguments(given: object): Record<string, unknown> {
  const read = Object.entries(given as Record<string, string>).map(([name, value]) => [
    name,
    PAYLOADS.includes(name) ? (JSON.parse(value) as unknown) : value,
  ]);
  return Object.fromEntries(read) as Record<string, unknown>;
}

export function fromWireAnswer<Name extends ChannelOperation>(
  name: Name,
  answer: unknown,
): Answers[Name] {
  if (name === "subscribe") return readAnswer(answer) as Answers[Name];
  if (name === "history") return readHistory(answer) as Answers[Name];
  if (name === "edit" || name === "delete") return readMessage(answer) as Answers[Name];
  return answer as Answers[Name];
}

export function toWireNews(news: HeardNews): ChannelNews {
  if (news.kind === "ended") return news;
  switch (news.kind) {
    case "publication":
      return { ...news, publication: withText(news.publication) };
    case "presence": {
      const { old, ...presence } = news.presence;
      const told = withText(presence);
      return { ...news, presence: old === undefined ? told : { ...told, old: json(old) } };
    }
    case "revision": {
      const { offset, message } = news.revision;
      return { ...news, revision: { offset, message: withText(message) } };
    }
    default:
      throw new TypeError(`no news: ${JSON.stringify(news)}`);
  }
}

export function fromWireNews(news: ChannelNews): HeardNews {
  const read = readNews({ ...news });
  if (read === undefined) throw new Error(`no news: ${JSON.stringify(news)}`);
  return { ...read, topic: news.topic };
}

export function withText<Told extends { readonly data: unknown }>(
  told: Told,
): Omit<Told, "data"> & { data: string } {
  return { ...told, data: json(told.data) };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
