/** Connection tracking that says what it is told to say, as ofproto/trace does with --ct-next (ovs-vswitchd(8)). */

import type { Conntrack } from './conntrack/conntrack.ts';
import { CT_STATE, NO_LABEL } from './conntrack/state.ts';
import type { PacketInConntrack } from './pipeline/execute.ts';

/**
 * `next`: bits of ct_state for a packet that comes back to the tables; undefined: what conntrack itself finds. A packet
 * of which it was told is not translated: of which connection it is, is not known.
 */
export function withToldStates(
  conntrack: Conntrack<PacketInConntrack>,
  next: () => number | undefined,
): Conntrack<PacketInConntrack> {
  return {
    ...conntrack,
    track(packet, request, now) {
      const told = request.comesBack === true ? next() : undefined;
      if (told === undefined) return conntrack.track(packet, request, now);
      const { mark, label, zone } = request;
      packet.ct = {
        state: told | CT_STATE.tracked,
        zone,
        mark: mark === undefined ? 0 : mark.value & mark.mask,
        label: label === undefined ? NO_LABEL : label.value.map((word, i) => (word & label.mask[i]!) >>> 0),
        original: undefined,
        cached: undefined,
      };
      return [packet];
    },
  };
}
