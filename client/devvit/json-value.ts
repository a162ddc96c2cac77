/**
 * What a message may be. Properties may be optional; one that is there and undefined is
 * refused when it is sent, like everything else that JSON would drop or bend.
 */
export type JSONValue =
  | null
  | boolean
  | number
  | string
  | readonly JSONValue[]
  | { readonly [name: string]: JSONValue | undefined };

/** The envelope by which programs for Devvit know their own messages. */
// An interface is no JSONValue for the type checker.
// oxlint-disable-next-line typescript/consistent-type-definitions
export type RealtimeMessage<Payload extends JSONValue = JSONValue> = {
  readonly payload: Payload;
  readonly session: string;
  readonly postId?: string;
};
