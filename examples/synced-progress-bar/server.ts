import { intent, SyncRoom, type RoomClient } from "../../server/index.ts";
import { refuseMoreRoomsThan } from "../gallery/room-cap.ts";
import type { PostOptions } from "./state.ts";
import { Bar, GOAL, postOf, ResetIntent, Score, Step, StepIntent } from "./state.ts";

const MAX_OPEN_POSTS = 100;
const STEPS_KEPT = 6;
/** Guests are easily made: a bar does not remember every one of them. */
const MAX_SCORES = 100;

/** One bar that everybody pushes by ten percent, up or down. */
export class SyncedProgressBar extends SyncRoom<{ state: Bar }> {
  override state = new Bar();
  override lingerMs = 10 * 60_000;
  override persistence = {
    key: (options: PostOptions): string => `synced-progress-bar-${postOf(options)}`,
  };

  /** Steps since the post was made. */
  #stepCount = 0;

  override messages = {
    step: intent(StepIntent, (client, { delta }) => this.#step(client, delta)),
    reset: intent(ResetIntent, () => this.#reset()),
  };

  override async onCreate(options: PostOptions): Promise<void> {
    postOf(options);
    await refuseMoreRoomsThan(MAX_OPEN_POSTS, this.roomName, "posts");
    this.#stepCount = this.state.steps.at(-1)?.number ?? 0;
  }

  #step(client: RoomClient, delta: number): { progress: number } {
    const { state } = this;
    const before = state.progress;
    state.progress = Math.min(GOAL, Math.max(0, before + delta));
    const moved = state.progress - before;
    if (moved === 0) return { progress: before };
    if (state.progress === GOAL) state.goals += 1;
    this.#score(client, moved);
    this.#remember(client, moved);
    return { progress: state.progress };
  }

  /** Only a full bar starts over. Of two people who ask at once, the second changes nothing. */
  #reset(): { progress: number } {
    const { state } = this;
    if (state.progress === GOAL) {
      state.progress = 0;
      state.scores.clear();
    }
    return { progress: state.progress };
  }

  #score({ user }: RoomClient, moved: number): void {
    const { scores } = this.state;
    const score = scores.get(user.id);
    if (score) {
      score.points += moved;
      score.name = user.name;
      return;
    }
    if (scores.size >= MAX_SCORES) this.#forgetOneScore();
    scores.set(user.id, new Score({ name: user.name, points: moved }));
  }

  /** The one who moved the bar least: nobody who looks at the ranking will miss it. */
  #forgetOneScore(): void {
    const { scores } = this.state;
    let least: string | undefined;
    let leastPoints = Infinity;
    for (const [userId, { points }] of scores) {
      if (Math.abs(points) >= leastPoints) continue;
      least = userId;
      leastPoints = Math.abs(points);
    }
    if (least !== undefined) scores.delete(least);
  }

  #remember({ user }: RoomClient, delta: number): void {
    const { steps } = this.state;
    this.#stepCount += 1;
    steps.push(new Step({ number: this.#stepCount, name: user.name, delta }));
    while (steps.length > STEPS_KEPT) steps.shift();
  }
}
