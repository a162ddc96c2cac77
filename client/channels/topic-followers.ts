import type { Clock } from "../../shared/clock.ts";
import type { SyncError } from "../../shared/errors.ts";
import type { PresenceState } from "../../shared/events/presence-event.ts";
import type { Publication, RealtimePayload } from "../../shared/events/publication.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import {
  initialPayload,
  noticePayload,
  type OwnIdentity,
  presencePayload,
  publicationPayload,
  revisionPayload,
} from "./payloads.ts";
import type { PresenceChange } from "./presence-view.ts";
import type { Revision, Sequenced } from "./read-news.ts";
import type { TopicSubscriber } from "./topic-subscriber.ts";

interface Follower {
  /** It was told that it is live. */
  isLive: boolean;
  /** What an answer replays is for it, too: it knows what came before. */
  readonly hearsReplay: boolean;
}

type Members = ReadonlyMap<string, PresenceState>;

/** What a new subscription brings to those who had one before. */
export interface Return {
  readonly recovered: boolean;
  readonly missed: readonly Sequenced[];
  readonly changes: readonly PresenceChange[];
}

/**
 * The subscribers of one topic, and what each is told in which order. Whoever leaves in the
 * middle of it hears nothing more; whoever comes is told first that it is live, and who is
 * here.
 */
export class TopicFollowers {
  readonly #topic: string;
  readonly #own: OwnIdentity;
  readonly #clock: Clock;
  readonly #followers = new Map<TopicSubscriber, Follower>();
  #hasNewcomers = false;

  constructor(topic: string, own: OwnIdentity, clock: Clock) {
    this.#topic = topic;
    this.#own = own;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#followers.size === 0;
  }

  add(subscriber: TopicSubscriber, hearsReplay: boolean): void {
    this.#followers.set(subscriber, { isLive: false, hearsReplay });
    this.#hasNewcomers = true;
  }

  /** False when it was not among them. */
  delete(subscriber: TopicSubscriber): boolean {
    return this.#followers.delete(subscriber);
  }

  /** Everybody, for the last time. */
  dismiss(): TopicSubscriber[] {
    const subscribers = [...this.#followers.keys()];
    this.#followers.clear();
    return subscribers;
  }

  /** The subscription stands: newcomers are welcomed, the others told what they missed. */
  tellAnswer(news: Return, members: Members): void {
    const notices = this.#returnNotices(news, members);
    const tellings = news.missed.map((told) => this.#telling(told));
    // Those who are here now: what they do meanwhile, such as coming back, is for later.
    const followers = [...this.#followers];
    for (const [subscriber, follower] of followers) {
      const { isLive, hearsReplay } = follower;
      if (isLive) {
        this.#call(subscriber, follower, (each) => each.handleLive());
        for (const notice of notices) {
          this.#call(subscriber, follower, (each) => each.handleNotice(notice));
        }
      } else {
        this.#welcome(subscriber, follower, members);
      }
      if (!isLive && !hearsReplay) continue;
      for (const tell of tellings) this.#call(subscriber, follower, tell);
    }
  }

  /** Newcomers are told that they are live, and who is here, before they hear anything. */
  welcome(members: Members): void {
    if (!this.#hasNewcomers) return;
    this.#hasNewcomers = false;
    const followers = [...this.#followers];
    for (const [subscriber, follower] of followers) {
      if (!follower.isLive) this.#welcome(subscriber, follower, members);
    }
  }

  tellPublication(publication: Publication): void {
    this.#tell(this.#telling({ kind: "publication", publication }));
  }

  tellRevision(revision: Revision): void {
    this.#tell(this.#telling({ kind: "revision", revision }));
  }

  tellPresence(change: PresenceChange): void {
    const payload = presencePayload(this.#topic, change, this.#own, this.#clock.now());
    this.#tell((subscriber) => subscriber.handleNotice(payload));
  }

  /** To those for whom everything flowed. */
  tellLoss(reason: DisconnectReason): void {
    this.#tell((subscriber) => subscriber.handleLoss(reason));
  }

  tellError(error: SyncError): void {
    const followers = [...this.#followers];
    for (const [subscriber, follower] of followers) {
      this.#call(subscriber, follower, (each) => each.handleError(error));
    }
  }

  #telling(told: Sequenced): (subscriber: TopicSubscriber) => void {
    if (told.kind === "publication") {
      const payload = publicationPayload(this.#topic, told.publication, this.#own);
      return (subscriber) => subscriber.handlePublication(payload);
    }
    const payload = revisionPayload(this.#topic, told.revision, this.#clock.now());
    return (subscriber) => subscriber.handleNotice(payload);
  }

  #tell(tell: (subscriber: TopicSubscriber) => void): void {
    for (const [subscriber, follower] of this.#followers) {
      // One that came in the middle of this hears the next.
      if (follower.isLive) this.#call(subscriber, follower, tell);
    }
  }

  #welcome(subscriber: TopicSubscriber, follower: Follower, members: Members): void {
    follower.isLive = true;
    const now = this.#clock.now();
    const list = [...members.values()];
    this.#call(subscriber, follower, (each) => each.handleLive());
    const sync = noticePayload(this.#topic, "presence:sync", list, now);
    this.#call(subscriber, follower, (each) => each.handleNotice(sync));
    for (const member of list) {
      const join = initialPayload(this.#topic, member, this.#own, now);
      this.#call(subscriber, follower, (each) => each.handleNotice(join));
    }
  }

  #call(
    subscriber: TopicSubscriber,
    follower: Follower,
    call: (subscriber: TopicSubscriber) => void,
  ): void {
    if (this.#followers.get(subscriber) === follower) call(subscriber);
  }

  #returnNotices({ recovered, missed, changes }: Return, members: Members): RealtimePayload[] {
    const topic = this.#topic;
    const now = this.#clock.now();
    const replayed = missed.filter(({ kind }) => kind === "publication").length;
    const recovery = { topic, recovered, replayed };
    return [
      noticePayload(topic, "recovery", recovery, now),
      ...(recovered ? [] : [noticePayload(topic, "resync", recovery, now)]),
      noticePayload(topic, "presence:sync", [...members.values()], now),
      ...changes.map((change) => presencePayload(topic, change, this.#own, now)),
    ];
  }
}
