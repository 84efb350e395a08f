/** What the shell learns. The same numbers in the documentation and in `--help`. */
export const EXIT = { done: 0, error: 1, usage: 2, notFound: 3, refused: 4, rolledBack: 5, timedOut: 6 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected end with a message for the person at the terminal. */
export class CliProblem extends Error {
  override readonly name = "CliProblem";
  readonly exitCode: ExitCode;
  constructor(message: string, exitCode: ExitCode = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}
