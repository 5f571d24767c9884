/**
 * Steps at which a test kills this process, as a crash or an operator's kill -9 would: FLOWLOOM_FAULT_POINT names one.
 * Without it they do nothing. `npm run fault` visits all of them.
 */

export const FAULT_POINTS = [
  'reload: apps loaded',
  'reload: hosts told',
  'reload: switches told',
  'hosts: transaction sent',
  'hosts: transaction answered',
  'flows: switch read',
  'flows: changes collected',
  'flows: meters set',
  'flows: bundle open',
  'flows: half of a bundle sent',
  'flows: bundle sent',
  'flows: bundle closed',
  'flows: bundle discarded',
  'flows: commit sent',
  'flows: commit answered',
  'flows: half sent singly',
  'flows: sent singly',
  'flows: meters deleted',
  'release: flows deleted',
  'release: switches emptied',
  'release: hosts released',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

const wanted = process.env.FLOWLOOM_FAULT_POINT;

/** `flushed`: dies when what was given to sockets in this turn of the event loop has been written to them. */
export function faultPoint(name: FaultPoint, flushed?: 'flushed'): void {
  if (wanted === undefined || wanted !== name) return;
  const die = () => process.kill(process.pid, 'SIGKILL');
  if (flushed === undefined) die();
  else setImmediate(() => setImmediate(die));
}
