/** One thing at a time on one switch: what is asked meanwhile waits for its turn; an error ends only its own. */

export interface Turns {
  /** True: it was done; otherwise it failed, as was told, or all has ended before. */
  take(work: () => Promise<void>): Promise<boolean>;
  readonly busy: boolean;
  /** All that has been asked is done. */
  settled(): Promise<void>;
  /** What waits gets no turn any more. */
  end(): void;
}

export function createTurns(failed: (error: Error) => void): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let busy = false;
  let ended = false;

  async function run(work: () => Promise<void>): Promise<boolean> {
    if (ended) return false;
    busy = true;
    try {
      await work();
      return true;
    } catch (error) {
      if (!ended) failed(error as Error);
      return false;
    } finally {
      busy = false;
    }
  }

  return {
    take(work) {
      const turn = last.then(() => run(work));
      last = turn;
      return turn;
    },
    get busy() {
      return busy;
    },
    async settled() {
      // What was scheduled in this turn of the event loop is queued in the next one.
      await new Promise((resolve) => setImmediate(resolve));
      await last;
    },
    end() {
      ended = true;
    },
  };
}
