import ora from 'ora';

/** Tells a person what the lab is doing: a spinner on a terminal, plain lines otherwise. Always on stderr. */
export type Progress = {
  /** What the named task is doing now. */
  say(task: string, text: string): void;
  /** The named task is over; without a text nothing is left on the screen. */
  done(task: string, text?: string): void;
};

/** Says nothing. */
export const silent: Progress = { say() {}, done() {} };

/** Progress on stderr, in the way that suits it. (A terminal without a width cannot take the spinner.) */
export function showProgress(): Progress {
  return process.stderr.isTTY && process.stderr.columns > 0 ? spinner() : plainLines();
}

function plainLines(): Progress {
  const last = new Map<string, string>();
  const write = (task: string, text?: string): void => {
    if (text === undefined || last.get(task) === text) return;
    last.set(task, text);
    process.stderr.write(`lab: ${task}: ${text}\n`);
  };
  return { say: write, done: write };
}

function spinner(): Progress {
  const running = new Map<string, string>();
  const wheel = ora({ stream: process.stderr, discardStdin: false });
  const render = (): void => {
    wheel.text = [...running].map(([task, text]) => `${task}: ${text}`).join(' · ');
  };
  return {
    say(task, text) {
      running.set(task, text);
      render();
      if (!wheel.isSpinning) wheel.start();
    },
    done(task, text) {
      if (!running.delete(task)) return;
      if (text === undefined) wheel.stop();
      else wheel.stopAndPersist({ symbol: '✓', text: `${task}: ${text}` });
      render();
      if (running.size > 0) wheel.start();
    },
  };
}
