import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SyncError } from "../../shared/errors.ts";
import { MAX_TOPIC_LENGTH } from "../../shared/limits.ts";
import type { Identity } from "../../shared/protocol/hello.ts";
import { parseDevvitName, parseTopic, TopicPattern } from "../../shared/topics.ts";
import type { ClientBudget } from "../limits/client-budgets.ts";
import { validatePayload } from "../rooms/validate-payload.ts";
import type { PolicyLimits } from "./policy-limits.ts";

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
  /** Segments between slashes: `*` is any one, a last `**` one or more. Any of several. */
  readonly pattern: string | readonly string[];
  /**
   * Events that clients may publish, and `*` for all that are not named; `true`: any. Absent:
   * only the server publishes.
   */
  readonly publish?: true | Readonly<Record<string, true | StandardSchemaV1 | EventRule>>;
  /** Whether clients have to be subscribed to a channel to publish on it; default no. */
  readonly publishesSubscribed?: boolean;
  /** Whether clients may be present; default yes. */
  readonly presence?: boolean;
  /** Whether clients may read persisted messages; default yes. */
  readonly history?: boolean;
  /** Asked for everything that the rest allows; asked again after `setToken`. */
  readonly authorize?: (request: ChannelRequest) => boolean | Promise<boolean>;
  /**
   * `"devvit"`: these channels have names of letters, numbers and underscores only. The
   * server's own code is held to it as well, and the refusal is in Devvit's words.
   */
  readonly strict?: "devvit";
  /** What all these channels together may take, and each user on them. */
  readonly limits?: PolicyLimits;
}

/** A user behind a session. */
export interface ClientActor {
  readonly user: Identity;
  readonly isSubscribed?: boolean;
  /** What the session may still do. */
  readonly budget?: ClientBudget;
}

/** Who acts on a channel: somebody's session, or the server's own code. */
export type Actor = ClientActor | "server";

/** The policies of a server: the first one that matches a topic counts for it. */
export type ChannelPolicies = ChannelPolicy | readonly ChannelPolicy[];

type Asked = Omit<ChannelRequest, "user">;

interface DeclaredPolicy {
  readonly policy: ChannelPolicy;
  readonly patterns: readonly TopicPattern[];
}

/** Stands for every event that a policy does not name; nobody can publish it itself. */
const ANY_EVENT = "*";

/** The one point where it is decided who may do what on a channel. */
export class ChannelAuthority {
  readonly #policies: readonly DeclaredPolicy[];

  /** Throws `RangeError` for policies that contradict themselves. */
  constructor(policies: ChannelPolicies) {
    this.#policies = [policies].flat().map((policy) => {
      checkRules(policy);
      return { policy, patterns: [policy.pattern].flat().map((each) => new TopicPattern(each)) };
    });
  }

  /** Throws `topic-invalid`, `not-allowed`, or `payload-invalid` for what a schema refuses. */
  async authorize(actor: Actor, request: Asked): Promise<Grant> {
    const { action, event, data } = request;
    const policy = this.find(request.channel);
    if (policy?.strict === "devvit") parseDevvitName(request.channel);
    else parseTopic(request.channel);
    if (actor === "server") return { data, rule: {} };
    const rule = policy && ruleOf(policy, action, event);
    if (policy === undefined || rule === undefined) throw notAllowed(request);
    const isBlind = policy.publishesSubscribed === true && actor.isSubscribed !== true;
    if (action === "publish" && isBlind) throw notAllowed(request, "without a subscription");
    const valid =
      rule.schema === undefined ? data : await validatePayload(rule.schema, event ?? "", data);
    const asked = { ...request, user: actor.user, ...(valid === undefined ? {} : { data: valid }) };
    // Code without types may return nothing: only a yes is one.
    const verdict: unknown = policy.authorize === undefined || (await policy.authorize(asked));
    if (verdict !== true) throw notAllowed(request);
    return { data: valid, rule };
  }

  /** Why something is not allowed; undefined: it is. A check that fails allows nothing. */
  async refusal(actor: Actor, request: Asked): Promise<SyncError | undefined> {
    try {
      await this.authorize(actor, request);
      return undefined;
    } catch (error) {
      if (error instanceof SyncError) return error;
      return new SyncError("handler-failed", "the server failed to check the permission");
    }
  }

  get policies(): readonly ChannelPolicy[] {
    return this.#policies.map(({ policy }) => policy);
  }

  /** The policy that counts for a topic. */
  find(topic: unknown): ChannelPolicy | undefined {
    if (typeof topic !== "string") return undefined;
    // What is too long is none anyway, and no reason to look through a megabyte.
    const name = topic.slice(0, MAX_TOPIC_LENGTH + 1);
    const isMatch = (pattern: TopicPattern): boolean => pattern.matches(name);
    return this.#policies.find(({ patterns }) => patterns.some(isMatch))?.policy;
  }
}

/** Throws `RangeError` for rules that contradict themselves. */
function checkRules({ pattern, publish }: ChannelPolicy): void {
  if (publish === undefined || publish === true) return;
  for (const [event, rule] of Object.entries(publish)) {
    if (rule === true || "~standard" in rule) continue;
    if (rule.persist !== true || rule.volatile !== true) continue;
    const where = [pattern].flat().join(", ");
    throw new RangeError(`event "${event}" of "${where}" cannot be persisted and volatile`);
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
  const name = Object.hasOwn(policy.publish, event ?? "") ? (event ?? "") : ANY_EVENT;
  const rule = Object.hasOwn(policy.publish, name) ? policy.publish[name] : undefined;
  if (rule === undefined) return undefined;
  if (rule === true) return {};
  return "~standard" in rule ? { schema: rule } : rule;
}

function notAllowed({ action, channel, event }: Asked, how?: string): SyncError {
  const what = event === undefined ? action : `${action} "${event.slice(0, 40)}"`;
  const text = `${what} on "${channel}" is not allowed${how === undefined ? "" : ` ${how}`}`;
  return new SyncError("not-allowed", text);
}
