import { setTimeout as sleep } from 'node:timers/promises';
import type { Capture } from '../capture/capture.ts';
import { LIVE_WINDOW_NS } from '../report/live.ts';
import type { AuditDue } from '../timeline/audit-due.ts';

/** A program that forks in a loop must not keep the audit running all the time. */
const PAUSE_MS = 500;
/** The live timeline is so far behind. */
const LAG_MS = LIVE_WINDOW_NS / 1e6 + 100;

/** Has page tables read when the timeline shows that it is time: one audit at a time. */
export class Auditing {
  readonly #capture: Capture;
  readonly #due: AuditDue;
  #running: Promise<void> | null = null;
  #notBefore = 0;

  constructor(capture: Capture, due: AuditDue) {
    this.#capture = capture;
    this.#due = due;
  }

  /** To be called a few times a second. @param now ns since the recording's origin */
  tick(now: number): void {
    if (this.#running !== null || performance.now() < this.#notBefore || !this.#due.take(now)) return;
    this.#running = this.#capture.audit().then(() => {
      this.#running = null;
      this.#notBefore = performance.now() + PAUSE_MS;
    });
  }

  /**
   * Reads what is still due at the end of the trace, and waits for what is being read.
   * @param show brings the live timeline up to date, and tells the time
   */
  async finish(show: () => Promise<number>): Promise<void> {
    await this.#running;
    await sleep(LAG_MS);
    if (this.#due.take(await show())) await this.#capture.audit();
  }
}
