import type { CancelTimer, Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { PresenceState } from "../../shared/events/presence-event.ts";
import type { StreamPosition } from "../../shared/events/publication.ts";
import type { ChannelOperations } from "../../shared/protocol/channel-messages.ts";
import { fromWireError } from "../../shared/protocol/intent-frame.ts";
import { LEAVE_TIMEOUT_MS } from "../../shared/limits.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";
import type { Carriage } from "../connection/outbox.ts";
import type { RoomRequests } from "../room-requests.ts";
import type { OwnIdentity } from "./payloads.ts";
import { PresenceView } from "./presence-view.ts";
import { readAnswer, type TopicAnswer, type TopicNews } from "./read-news.ts";
import { retryDelayMs } from "./refusal.ts";
import { TopicFollowers } from "./topic-followers.ts";
import type { TopicSubscriber } from "./topic-subscriber.ts";
import { TopicStream } from "./topic-stream.ts";
import { TrackedPresence } from "./tracked-presence.ts";

/** What carries a topic: the session's requests, and what is known of its connection. */
export interface TopicCarrier {
  readonly requests: RoomRequests;
  readonly clock: Clock;
  readonly random: () => number;
  readonly own: OwnIdentity;
  readonly isConnected: boolean;
}

type SubscribeArguments = ChannelOperations["subscribe"]["arguments"];

/** For what every connection asks anew: a subscription is one of its connection. */
const ONCE: Carriage = { isOfConnection: true };
const IN_PASSING: Carriage = { ...ONCE, timeoutMs: LEAVE_TIMEOUT_MS };

/**
 * The one subscription of a session to a topic, for as many subscribers as there are.
 *
 * - It begins with the first subscriber and ends behind the code in which the last one left:
 *   who leaves and comes back in one go, as React's strict mode does, costs nothing.
 * - Every connection asks anew, from the last publication seen: each one is heard once, in
 *   order, or every subscriber is told that some are gone.
 * - What arrives while an answer is awaited waits for it. So does what is published from
 *   here, so that its echo finds a listener.
 */
export class TopicSubscription {
  readonly topic: string;
  readonly presence: TrackedPresence;
  readonly #carrier: TopicCarrier;
  readonly #onIdle: () => void;
  readonly #stream = new TopicStream();
  readonly #view = new PresenceView();
  readonly #followers: TopicFollowers;
  #phase: "idle" | "waiting" | "asking" | "live" = "idle";
  /** Of the latest subscribe: the answer to any other is nobody's. */
  #round = 0;
  #early: TopicNews[] = [];
  #takesPresenceAlong = true;
  #attempts = 0;
  #cancelRetry: CancelTimer = () => undefined;

  constructor(topic: string, carrier: TopicCarrier, onIdle: () => void) {
    this.topic = topic;
    this.#carrier = carrier;
    this.#onIdle = onIdle;
    const { clock, random, requests, own } = carrier;
    this.#followers = new TopicFollowers(topic, own, clock);
    this.presence = new TrackedPresence({
      clock,
      random,
      canSend: () => carrier.isConnected && (this.#phase === "idle" || this.#phase === "live"),
      send: (state) =>
        state === undefined
          ? requests.operate("untrack", { topic }, ONCE)
          : requests.operate("track", { topic, state }, ONCE),
      onQuiet: () => void this.#release(),
      onRefusal: (error) => this.report(error),
    });
  }

  get members(): ReadonlyMap<string, PresenceState> {
    return this.#view.members;
  }

  /** `since`: hears everything after that position, as if it had been here. */
  attach(subscriber: TopicSubscriber, since?: StreamPosition): void {
    this.#followers.add(subscriber, since !== undefined);
    if (this.#phase === "live") {
      queueMicrotask(() => {
        if (this.#phase === "live") this.#followers.welcome(this.members);
      });
    }
    if (this.#phase !== "idle") return;
    if (since !== undefined) this.#stream.start(since);
    this.#wait();
    this.#ask();
  }

  /** Resolves when the server knows, if nobody is left here who needs it. */
  async detach(subscriber: TopicSubscriber): Promise<void> {
    if (!this.#followers.delete(subscriber)) return;
    await Promise.resolve();
    await this.#release();
  }

  connected(): void {
    this.#ask();
    this.presence.flush();
  }

  lost(): void {
    this.presence.lost();
    if (this.#phase !== "idle") this.#wait();
  }

  tellLoss(reason: DisconnectReason): void {
    this.#followers.tellLoss(reason);
  }

  /** The session is over; with an error it did not end on purpose. */
  close(error: SyncError | undefined): void {
    const subscribers = this.#reset();
    this.presence.close(error ?? new SyncError("closed", `"${this.topic}" was left`));
    for (const subscriber of subscribers) {
      if (error === undefined) subscriber.handleClose();
      else subscriber.handleRefusal(error);
    }
  }

  /** Tells every subscriber what went wrong that nobody waits for. */
  report(error: SyncError): void {
    this.#followers.tellError(error);
  }

  handleNews(news: TopicNews): void {
    if (this.#phase === "asking") this.#early.push(news);
    if (this.#phase !== "live") return;
    this.#followers.welcome(this.members);
    switch (news.kind) {
      case "publication": {
        const arrival = this.#stream.take(news.publication);
        if (arrival === "gap") this.#recover(news);
        if (arrival === "next") this.#followers.tellPublication(news.publication);
        return;
      }
      case "presence": {
        const { event, sessionId } = news.presence;
        const change = this.#view.apply(news.presence);
        if (change !== undefined) this.#followers.tellPresence(change);
        const isOwn = this.#carrier.own.isOwnSession(sessionId);
        if (event === "presence:leave" && isOwn) this.presence.expelled();
        return;
      }
      case "revision": {
        const arrival = this.#stream.take(news.revision);
        if (arrival === "gap") this.#recover(news);
        if (arrival === "next") this.#followers.tellRevision(news.revision);
        return;
      }
      case "ended":
        this.#fail(fromWireError(news.error));
        return;
    }
  }

  #wait(): void {
    this.#phase = "waiting";
    this.#round += 1;
    this.#early = [];
    this.#cancelRetry();
    this.#carrier.requests.pause(this.topic);
  }

  #ask(): void {
    if (this.#phase !== "waiting" || !this.#carrier.isConnected) return;
    this.#cancelRetry();
    this.#phase = "asking";
    const since = this.#stream.position;
    const presence = this.#takesPresenceAlong ? this.presence.board() : undefined;
    const given = {
      topic: this.topic,
      ...(since === undefined ? {} : { since }),
      ...(presence === undefined ? {} : { presence }),
    };
    void this.#request(given, this.#round);
  }

  async #request(given: SubscribeArguments, round: number): Promise<void> {
    const hadPresence = given.presence !== undefined;
    try {
      const answer = await this.#carrier.requests.operate("subscribe", given, ONCE);
      if (round !== this.#round) return;
      this.#handleAnswer(readAnswer(answer), hadPresence);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      if (round === this.#round) this.#handleRefusal(error, hadPresence);
    }
  }

  /** Something before this never came: the server still has it, or says that it is gone. */
  #recover(news: TopicNews): void {
    this.#wait();
    this.#ask();
    this.#early.push(news);
  }

  #handleAnswer(answer: TopicAnswer, hadPresence: boolean): void {
    this.#attempts = 0;
    const missed = this.#stream.catchUp(answer);
    if (answer.hasMore === true) {
      this.#goOn(hadPresence);
      return;
    }
    this.#phase = "live";
    const early = this.#early;
    this.#early = [];
    const changes = this.#view.replace(answer.members);
    if (hadPresence) this.presence.landed();
    else this.presence.flush();
    const recovered = answer.recovered === true;
    this.#followers.tellAnswer({ recovered, missed, changes }, this.members);
    this.#carrier.requests.resume(this.topic);
    for (const news of early) this.handleNews(news);
    void this.#release();
  }

  /** There is more of what was missed: it is told together with this. */
  #goOn(hadPresence: boolean): void {
    if (hadPresence) this.presence.bounced();
    this.#phase = "waiting";
    if (this.#followers.isEmpty) void this.#release();
    else this.#ask();
  }

  #handleRefusal(error: SyncError, hadPresence: boolean): void {
    if (hadPresence) this.presence.bounced();
    this.#wait();
    const delayMs = retryDelayMs(error, this.#attempts, this.#carrier.random);
    if (this.#followers.isEmpty) {
      void this.#release();
    } else if (delayMs !== undefined) {
      this.#attempts += 1;
      this.#cancelRetry = this.#carrier.clock.schedule(delayMs, () => this.#ask());
      // What is published has waited long enough.
      this.#carrier.requests.resume(this.topic);
    } else if (hadPresence) {
      // It may be that only the presence is refused: each is asked for by itself.
      this.#takesPresenceAlong = false;
      this.#ask();
    } else {
      this.#fail(error);
    }
  }

  #fail(error: SyncError): void {
    const subscribers = this.#reset();
    this.presence.lost();
    this.presence.flush();
    for (const subscriber of subscribers) subscriber.handleRefusal(error);
    void this.#release();
  }

  /** Ends the subscription when nobody is left who needs it; resolves when the server knows. */
  async #release(): Promise<void> {
    if (!this.#followers.isEmpty || this.#phase === "asking") return;
    let told: Promise<unknown> | undefined;
    if (this.#phase === "live") {
      // The server takes the end of a subscription for the end of its presence.
      if (!this.presence.isQuiet) return;
      told = this.#carrier.requests.operate("unsubscribe", { topic: this.topic }, IN_PASSING);
    }
    if (this.#phase !== "idle") {
      this.#reset();
      this.presence.flush();
    }
    if (this.presence.isQuiet) this.#onIdle();
    await told?.catch(() => {
      // The connection is gone, or as good as that, and the subscription with it.
    });
  }

  #reset(): TopicSubscriber[] {
    this.#wait();
    this.#phase = "idle";
    this.#attempts = 0;
    this.#takesPresenceAlong = true;
    this.#stream.forget();
    this.#view.clear();
    this.#carrier.requests.resume(this.topic);
    return this.#followers.dismiss();
  }
}
