import type { Clock } from "../../shared/clock.ts";
import type { RetentionLimits, ServerLimits, WindowLimits } from "../limits/server-limits.ts";
import type { Channel } from "./channel.ts";
import type { Taking } from "./channel-places.ts";
import type { Actor, ChannelAuthority, ChannelPolicy } from "./channel-policy.ts";
import { checkPolicyLimits, type CheckedPolicyLimits } from "./policy-limits.ts";
import { PolicyUsage } from "./policy-usage.ts";

interface LimitedPolicy {
  readonly limits: CheckedPolicyLimits;
  readonly usage: PolicyUsage;
}

/** The limits of all policies, and what has been taken of each. */
export class PolicyUsages {
  readonly #authority: ChannelAuthority;
  readonly #window: WindowLimits;
  readonly #policies = new Map<ChannelPolicy, LimitedPolicy>();

  /** Throws `RangeError` for limits that cannot be. */
  constructor(authority: ChannelAuthority, { window }: Pick<ServerLimits, "window">, clock: Clock) {
    this.#authority = authority;
    this.#window = window;
    for (const policy of authority.policies) {
      if (policy.limits === undefined) continue;
      const where = `limits of "${[policy.pattern].flat().join(", ")}"`;
      const limits = checkPolicyLimits(policy.limits, where);
      this.#policies.set(policy, { limits, usage: new PolicyUsage(limits, clock) });
    }
  }

  /** Counts a publication. Throws `payload-too-large` or `rate-limited`, and counts nothing. */
  publish(topic: string, actor: Actor, bytes: number): void {
    this.#find(topic)?.usage.publish(actor, bytes);
  }

  /** Counts a channel that is used from now on. Throws `channel-limit`. */
  use(channel: Channel, taking: Taking): void {
    this.#find(channel.topic)?.usage.use(channel, taking);
  }

  windowOf(topic: string): WindowLimits {
    return { ...this.#window, ...this.#find(topic)?.limits.window };
  }

  retentionOf(topic: string): Partial<RetentionLimits> {
    return this.#find(topic)?.limits.retention ?? {};
  }

  #find(topic: string): LimitedPolicy | undefined {
    if (this.#policies.size === 0) return undefined;
    const policy = this.#authority.find(topic);
    return policy && this.#policies.get(policy);
  }
}
