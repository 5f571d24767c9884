/** A flow that an app declared and that can't be: which, why, and what to mend. */

export class FlowError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FlowError';
  }
}
