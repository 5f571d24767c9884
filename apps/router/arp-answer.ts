/** A request of ARP (RFC 826), turned into its answer in the switch. */

import { type AppAction, ARP_REPLY, actions, move, set } from '../../src/index.ts';

/** A register that is of no use yet: an address on its way from one field to another. */
const SCRATCH = 'router.nextHop';

/** `address`, or without it the one that was asked for, is at `mac`. */
export function arpAnswer(mac: string, address?: string): AppAction[] {
  return actions(
    move('ethSrc', 'ethDst'),
    set({ ethSrc: mac, arpOp: ARP_REPLY }),
    move('arpSha', 'arpTha'),
    set({ arpSha: mac }),
    address === undefined
      ? [move('arpSpa', SCRATCH), move('arpTpa', 'arpSpa'), move(SCRATCH, 'arpTpa')]
      : actions(move('arpSpa', 'arpTpa'), set({ arpSpa: address })),
  );
}
