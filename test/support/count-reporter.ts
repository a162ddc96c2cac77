import Mocha from "mocha";

const { EVENT_TEST_RETRY } = Mocha.Runner.constants;

/**
 * Mocha's own `spec` output, closed by what needed a second try and by the line that CI reads:
 * `N passed, N failed`. A default export because that is the only one Mocha takes from a
 * reporter module.
 */
// oxlint-disable-next-line import/no-default-export
export default class CountReporter extends Mocha.reporters.Spec {
  readonly #retried: string[] = [];

  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(EVENT_TEST_RETRY, (test: Mocha.Test, error: Error) => {
      this.#retried.push(`${test.fullTitle()}: ${error.message.split("\n")[0]}`);
    });
  }

  override epilogue(): void {
    super.epilogue();
    const { passes, failures } = this.stats;
    for (const each of this.#retried) process.stdout.write(`second try: ${each}\n`);
    process.stdout.write(`${passes} passed, ${failures} failed\n`);
  }
}
