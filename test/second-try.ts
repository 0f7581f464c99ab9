/** A reporter that names the tests that passed only when they were run again: emulated kernels stall, and nobody should miss it when they do. */
import type { Reporter, TestCase } from 'vitest/node';

export default class SecondTry implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.#names.push(`${test.module.relativeModuleId}: ${test.fullName}`);
  }

  onTestRunEnd(): void {
    for (const name of this.#names) process.stdout.write(`PASSED ON THE SECOND TRY ONLY: ${name}\n`);
  }
}
