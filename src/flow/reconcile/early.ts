/**
 * Sends new flows while others are still being woven: a switch that is to get many takes them in meanwhile. They stand in
 * a bundle whose commit waits for the rest, so nothing is changed before all is known.
 */

import { isReactiveHalf } from '../cookie.ts';
import { cookieHalf } from '../flow-bytes.ts';
import type { Flows } from '../flow-index.ts';
import { atOnce } from '../slices.ts';
import type { DesiredFlow, Woven } from '../weave/weaver.ts';
import { type Difference, differing } from './difference.ts';
import type { Mirror } from './mirror.ts';
import type { Quarantine } from './quarantine.ts';
import type { Sender } from './sending.ts';
import type { Transfer } from './transfer.ts';

export interface Early {
  /** It was woven just now. */
  take(flow: DesiredFlow): void;
  /** In between: sends what has come together. */
  send(): Promise<void>;
}

export interface EarlyParts {
  mirror: Mirror;
  quarantine: Quarantine;
  sender: Pick<Sender, 'early'>;
  transfer: Pick<Transfer, 'run'>;
  /** Groups and meters as they are to be. */
  woven: Pick<Woven, 'groups' | 'meters'>;
}

/** For one weaving. */
export function createEarly({ mirror, quarantine, sender, transfer, woven }: EarlyParts): Early {
  let flows: DesiredFlow[] = [];
  let taken = 0;
  let state: 'not begun' | 'on' | 'off' = 'not begun';

  /** Groups and meters that are not there, without what is to go. */
  async function missing(): Promise<Difference> {
    const desired = { flows: NONE, groups: woven.groups, meters: woven.meters };
    const all = atOnce(
      differing(desired, mirror, quarantine, { only: new Set(), isSet: () => false, isOutdated: () => false }),
    );
    return {
      before: all.before.filter(({ modify }) => modify !== true),
      bundle: all.bundle.filter(({ group, modify }) => group !== undefined && modify !== true),
      after: [],
      held: all.held,
    };
  }

  async function begin(): Promise<void> {
    state = 'off';
    if (quarantine.size > 0) return;
    const first = await missing();
    if (first.before.length + first.bundle.length > 0) await transfer.run(first, missing);
    // Where something is refused, flows may have to wait for it.
    if (quarantine.size === 0) state = 'on';
  }

  return {
    take(flow) {
      if (state === 'off') return;
      taken++;
      if (!mirror.flows.has(flow.identity) && !isReactiveHalf(cookieHalf(flow.content))) flows.push(flow);
    },
    async send() {
      if (state === 'not begun') {
        // Most of them stand already.
        if (flows.length < taken / 2) state = 'off';
        else if (flows.length < MANY) return;
        else await begin();
      }
      if (state === 'on' && flows.length > 0) sender.early(flows);
      flows = [];
    },
  };
}

/** Fewer are woven in no time. */
const MANY = 1000;
const NONE: Flows<DesiredFlow> = new Map();
