import { realtime } from "../../../../server/devvit/index.ts";

/** An object to a channel. */
export async function announceUser(userId: string): Promise<void> {
  await realtime.send("my-channel", {
    type: "user-joined",
    userId,
  });
}

/** A text to one channel, a structure with the time to another. */
export async function tellScore(score: number): Promise<void> {
  await realtime.send("notifications", "Somebody scored!");

  await realtime.send("game-updates", {
    type: "score-update",
    playerId: "user7",
    score,
    timestamp: Date.now(),
  });
}
