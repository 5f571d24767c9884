/** A flow that an app declared and that can't be: which, why, and what to mend. */

export class FlowError extends Error {
  /** What to do, where the message does not say it. */
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
    this.name = 'FlowError';
  }
}
