import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { checkAddressName } from "../gallery/address-name.ts";

/** What one person has moved the bar by since it was started over. */
export const Score = schema({ name: t.string(), points: t.int32() }, "Score");
export type Score = SchemaType<typeof Score>;

/** One push that moved the bar; `number` grows by one with each. */
export const Step = schema({ number: t.uint32(), name: t.string(), delta: t.int8() }, "Step");
export type Step = SchemaType<typeof Step>;

/** One bar that everybody pushes. The points of all scores add up to the progress. */
export const Bar = schema(
  {
    /** In percent. */
    progress: t.uint8().default(0),
    /** How often the bar was full. */
    goals: t.uint32().default(0),
    /** By user id. */
    scores: t.map(Score),
    /** The newest steps, oldest first. */
    steps: t.array(Step),
  },
  "Bar",
);
export type Bar = SchemaType<typeof Bar>;

export const GOAL = 100;
export const STEP = 10;
export const DEFAULT_POST = "main";

export const StepIntent = z.object({ delta: z.union([z.literal(STEP), z.literal(-STEP)]) });
export const ResetIntent = z.object({});

/** What to join with: each post has a bar of its own. */
export interface PostOptions {
  post: string;
}

/** The post that the options lead to; throws what the visitor is told. */
export function postOf(options: PostOptions): string {
  return checkAddressName("post", options.post);
}
