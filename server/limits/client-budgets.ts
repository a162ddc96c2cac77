import type { Clock } from "../../shared/clock.ts";
import { type Amounts, Budget } from "./budget.ts";
import { PerKey } from "./per-key.ts";
import type { ClientRates } from "./server-limits.ts";
import { spend, type Expense } from "./spend.ts";

/** What all sessions and users of a process may still do. */
export class ClientBudgets {
  readonly #clock: Clock;
  readonly #rates: { readonly session: ClientRates; readonly user: ClientRates };
  readonly #users = new PerKey<Budget>();

  constructor(rates: { readonly session: ClientRates; readonly user: ClientRates }, clock: Clock) {
    this.#rates = rates;
    this.#clock = clock;
  }

  /** What a session of this user may do: so much, and no more than is left to its user. */
  open(userId: string): ClientBudget {
    const { session, user } = this.#rates;
    const own = new Budget(session, "of one session");
    const users = (): Budget =>
      this.#users.of(userId, this.#clock.now(), () => new Budget(user, "of one user"));
    return new ClientBudget(this.#clock, (amounts) => [
      ...own.expenses(amounts),
      ...users().expenses(amounts),
    ]);
  }
}

/** What one session may still do. */
export class ClientBudget {
  readonly #clock: Clock;
  readonly #expenses: (amounts: Amounts) => Expense[];

  constructor(clock: Clock, expenses: (amounts: Amounts) => Expense[]) {
    this.#clock = clock;
    this.#expenses = expenses;
  }

  /** Takes all of it, or throws `rate-limited` and takes nothing. */
  spend(amounts: Amounts): void {
    spend(this.#expenses(amounts), this.#clock.now());
  }

  /** What a publication of this size takes. */
  publication(bytes: number): Expense[] {
    return this.#expenses({ publications: 1, publicationBytes: bytes });
  }

  /** Takes what is done already: it has to be paid back before there can be more. */
  owe(amounts: Amounts): void {
    const now = this.#clock.now();
    for (const { bucket, amount } of this.#expenses(amounts)) bucket.take(now, amount);
  }
}
