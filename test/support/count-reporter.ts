import Mocha from "mocha";

/**
 * Mocha's own `spec` output, closed by the line that CI reads: `N passed, N failed`.
 * A default export because that is the only one Mocha takes from a reporter module.
 */
// oxlint-disable-next-line import/no-default-export
export default class CountReporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures } = this.stats;
    process.stdout.write(`${passes} passed, ${failures} failed\n`);
  }
}
