/** Exit codes of every verb. With COMMAND, `trace` and `record` exit with its status instead, unless they fail themselves. */
export const EXIT = {
  /** As asked; `check`: pass; `trace`: a complete recording, also when events were lost. */
  good: 0,
  /** `check` found a violation. */
  violation: 1,
  /** Wrong usage, or input that cannot be read. */
  usage: 2,
  /** `check` can neither pass nor find a violation. */
  inconclusive: 3,
  /** This machine cannot do it: not root, no bpftrace, no BTF, lockdown ... */
  machine: 4,
  /** The recording could not be written whole. */
  recording: 5,
  /** A bug in umaptrace. */
  bug: 70,
  /** Left at once by a second signal; `ps`: by the first. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
