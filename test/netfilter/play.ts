/**
 * The steps of a case through something that forwards. Which source a translation takes is its own choice, as long as it is free
 * and in the range: whoever answers, answers to that one.
 */

import { createModel } from './model.ts';
import type { Case, Network, Outcome } from './network.ts';
import { type Arrived, isExpected, outcomeOf, tell, tellSending } from './outcome.ts';
import { frameOf, type Sending } from './sending.ts';
import { createSteps } from './steps.ts';

export interface Forwarder {
  /** MAC addresses of a guest and of the router. */
  macOf(guest: string): string;
  routerMac: string;
  send(from: string, frame: Uint8Array): Promise<readonly Arrived[]>;
  /** Another file, as a reload brings it; undefined: it does not do that. */
  reload?(network: Network): Promise<void>;
  /** Prefixes of what it has logged since it was asked last; undefined: that is not known. */
  logged?(): string[];
  /** Why it may do otherwise here; undefined: it may not. */
  mayDiffer?(sending: Sending, found: Outcome): boolean;
  /** It cannot be asked this. */
  isPassedOver?(sending: Sending): boolean;
}

export interface Played {
  /** What became otherwise than the model says, a line each. */
  deviations: string[];
  /** What was sent, and what was expected of it. */
  sent: string[];
  /** What of the network has decided something, or how it went, and how often. */
  met: Map<string, number>;
}

export async function play(given: Case, forwarder: Forwarder): Promise<Played> {
  // A reload changes its firewall.
  const network: Network = structuredClone(given.network);
  const played: Played = { deviations: [], sent: [], met: new Map() };
  const meet = (what: string) => played.met.set(what, (played.met.get(what) ?? 0) + 1);
  const model = createModel(network, meet);
  const steps = createSteps(network, model);
  for (const [i, step] of given.steps.entries()) {
    if (step.kind === 'reload') {
      if (forwarder.reload === undefined) continue;
      network.firewall = step.firewall;
      await forwarder.reload(network);
      meet('step reload');
      played.sent.push(`step ${i}: the file has another firewall: ${JSON.stringify(step.firewall)}`);
      continue;
    }
    const sending = steps.take(step, i);
    if (sending === undefined || forwarder.isPassedOver?.(sending) === true) continue;
    const { from, expected } = sending;
    const words = tellSending(sending);
    const to = sending.neighbour === undefined ? forwarder.routerMac : forwarder.macOf(sending.neighbour);
    const frame = frameOf(network, sending, forwarder.macOf(from), to);
    const { outcome: found, wrong } = outcomeOf(network, sending, await forwarder.send(from, frame));
    meet(`step ${step.kind}`);
    meet(`outcome ${expected.outcome.kind === 'refused' ? expected.outcome.how : expected.outcome.kind}`);
    played.sent.push(`${words}: ${tell(expected.outcome)}`);
    const differ = (what: string) => played.deviations.push(`${words}: ${what}`);
    const logged = forwarder.logged?.();
    if (logged !== undefined && logged.join() !== expected.logged.join()) {
      differ(`expected to be logged [${expected.logged}], found [${logged}]`);
    }
    if (expected.logged.length > 0) meet('logged');
    if (forwarder.mayDiffer?.(sending, found) === true) continue;
    for (const line of wrong) differ(line);
    if (!isExpected(sending, found)) differ(`expected ${tell(expected.outcome)}, found ${tell(found)}`);
    else if (expected.choice !== undefined && found.kind === 'delivered') {
      meet('a source that was chosen');
      if (!model.chosen(found.packet)) differ(`another connection has the source already: ${tell(found)}`);
      // Answers are to what it became.
      expected.outcome = found;
    }
  }
  return played;
}
