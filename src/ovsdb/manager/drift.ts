/** Tells what somebody else changed of ours from what the file changes. Without a clock. */
import type { HostDesired } from './desired.ts';
import type { Plan } from './plan-builder.ts';

export interface DriftStatus {
  mode: 'repair' | 'report';
  /** How many changes by others were seen since the start. */
  seen: number;
  /** What they need to be put right, one line each, newest last, at most 100. */
  recent: string[];
  /** With `report`: what is not as the file says, and left so. */
  left: string[];
}

export interface Drift {
  /** Takes note of what a new look at the host found to do; gives the lines that are drift and not yet told. */
  compare(
    wanted: HostDesired,
    plan: Readonly<Pick<Plan, 'changes' | 'refused'>>,
    mode: DriftStatus['mode'],
  ): readonly string[];
  /** The same file asks for something else now, as where a tunnel's MTU has changed: what was left stays left. */
  follow(wanted: HostDesired): void;
  /** The last look found drift, and the file wants it left. */
  readonly left: boolean;
  status(mode: DriftStatus['mode']): DriftStatus;
}

const MOST = 100;

export function createDrift(): Drift {
  /** What the host was once like in full; what differs from it since then is somebody else's doing. */
  let reached: HostDesired | undefined;
  /** What could not be done then. */
  let refusedThen: readonly string[] = [];
  let outstanding: readonly string[] = [];
  let left = false;
  /** What differs only since it asks for something else is nobody's doing. */
  let uncounted = false;
  let seen = 0;
  const recent: string[] = [];

  return {
    get left() {
      return left;
    },
    follow(wanted) {
      if (!left) return;
      reached = wanted;
      uncounted = true;
    },
    compare(wanted, { changes, refused }, mode) {
      const counted = !uncounted;
      uncounted = false;
      if (changes.length === 0) {
        reached = wanted;
        refusedThen = refused;
        outstanding = [];
        left = false;
        return [];
      }
      // Somebody made way for the file: what can be done now is the file's doing.
      const madeWay = refused.length < refusedThen.length && refusedThen.some((line) => !refused.includes(line));
      if (madeWay) reached = undefined;
      const drifted = reached === wanted;
      const fresh = drifted && counted ? changes.filter((line) => !outstanding.includes(line)) : [];
      outstanding = drifted ? changes : [];
      left = drifted && mode === 'report';
      seen += fresh.length;
      recent.push(...fresh);
      recent.splice(0, recent.length - MOST);
      return fresh;
    },
    status: (mode) => ({ mode, seen, recent: [...recent], left: left ? [...outstanding] : [] }),
  };
}
