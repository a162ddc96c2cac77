import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SyncError } from "../../shared/errors.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import { parseTopic, TopicPattern } from "../../shared/topics.ts";
import { validatePayload } from "../rooms/validate-payload.ts";

/** `revise`: to edit or delete a stored message. An edit has to be allowed as `publish`, too. */
export type ChannelAction = "subscribe" | "publish" | "presence" | "history" | "revise";

/** What somebody wants to do, as `authorize` sees it. */
export interface ChannelRequest {
  readonly user: Identity;
  readonly channel: string;
  readonly action: ChannelAction;
  /** Of a publication; what its schema returned, if it has one. */
  readonly event?: string;
  readonly data?: unknown;
}

/** That something is allowed, and in which form. */
export interface Grant {
  /** Of a publication: what its schema returned, or what was asked for. */
  readonly data: unknown;
  readonly rule: EventRule;
}

/** How clients may publish one event. */
export interface EventRule {
  /** Any Standard Schema; what it returns is what is published. */
  readonly schema?: StandardSchemaV1;
  /** Always stored, or always out of the order: what the client asks for does not count. */
  readonly persist?: boolean;
  readonly volatile?: boolean;
}

/**
 * What clients may do on the channels of one pattern. Nothing is allowed that no policy
 * declares: a channel that matches none is closed to everybody but the server. Of several
 * patterns that match, the first one counts.
 */
export interface ChannelPolicy {
  /** Segments between slashes: `*` is any one, a last `**` one or more. */
  readonly pattern: string;
  /** Events that clients may publish; `true`: any. Absent: only the server publishes. */
  readonly publish?: true | Readonly<Record<string, true | StandardSchemaV1 | EventRule>>;
  /** Whether clients may be present; default yes. */
  readonly presence?: boolean;
  /** Whether clients may read persisted messages; default yes. */
  readonly history?: boolean;
  /** Asked for everything that the rest allows; asked again after `setToken`. */
  readonly authorize?: (request: ChannelRequest) => boolean | Promise<boolean>;
}

/** Who acts on a channel: a user behind a session, or the server's own code. */
export type Actor = { readonly user: Identity } | "server";

/** The one point where it is decided who may do what on a channel. */
export class ChannelAuthority {
  readonly #policies: readonly (ChannelPolicy & { readonly topics: TopicPattern })[];

  constructor(policies: readonly ChannelPolicy[]) {
    this.#policies = policies.map((each) => ({ ...each, topics: new TopicPattern(each.pattern) }));
    for (const policy of policies) checkRules(policy);
  }

  /** Throws `topic-invalid`, `not-allowed`, or `payload-invalid` for what a schema refuses. */
  async authorize(actor: Actor, request: Omit<ChannelRequest, "user">): Promise<Grant> {
    const { action, event, data } = request;
    const channel = parseTopic(request.channel);
    if (actor === "server") return { data, rule: {} };
    const policy = this.#policies.find(({ topics }) => topics.matches(channel));
    const rule = policy && ruleOf(policy, action, event);
    if (policy === undefined || rule === undefined) throw notAllowed(request);
    const valid =
      rule.schema === undefined ? data : await validatePayload(rule.schema, event ?? "", data);
    const asked = { ...request, user: actor.user, ...(valid === undefined ? {} : { data: valid }) };
    // Code without types may return nothing: only a yes is one.
    const verdict: unknown = policy.authorize === undefined || (await policy.authorize(asked));
    if (verdict !== true) throw notAllowed(request);
    return { data: valid, rule };
  }
}

/** Throws `RangeError` for rules that contradict themselves. */
function checkRules({ pattern, publish }: ChannelPolicy): void {
  if (publish === undefined || publish === true) return;
  for (const [event, rule] of Object.entries(publish)) {
    if (rule === true || "~standard" in rule) continue;
    if (rule.persist !== true || rule.volatile !== true) continue;
    throw new RangeError(`event "${event}" of "${pattern}" cannot be persisted and volatile`);
  }
}

function ruleOf(
  policy: ChannelPolicy,
  action: ChannelAction,
  event: string | undefined,
): EventRule | undefined {
  if (action === "presence") return policy.presence === false ? undefined : {};
  if (action === "history") return policy.history === false ? undefined : {};
  if (action !== "publish") return {};
  if (policy.publish === undefined || policy.publish === true) return policy.publish && {};
  // Own names only: a client may not publish "constructor".
  const rule = Object.hasOwn(policy.publish, event ?? "") ? policy.publish[event ?? ""] : undefined;
  if (rule === undefined) return undefined;
  if (rule === true) return {};
  return "~standard" in rule ? { schema: rule } : rule;
}

function notAllowed({ action, channel, event }: Omit<ChannelRequest, "user">): SyncError {
  const what = event === undefined ? action : `${action} "${event.slice(0, 40)}"`;
  return new SyncError("not-allowed", `${what} on "${channel}" is not allowed`);
}
