/** The simulated conntrack alone, packet by packet: what tests without a switch stand on. */

import { ipv4Text } from '../../../proto/wire/address.ts';
import { u16, u32 } from '../../../src/packet/bytes.ts';
import { checksum } from '../../../src/packet/checksum.ts';
import { type Conntrack, type ConntrackOptions, createConntrack } from '../../../src/sim/conntrack/conntrack.ts';
import type { TrackedPacket } from '../../../src/sim/conntrack/packet.ts';
import type { TrackRequest } from '../../../src/sim/conntrack/request.ts';
import { type ConntrackState, CT_STATE } from '../../../src/sim/conntrack/state.ts';
import { createRandom } from '../../fuzz/random.ts';
import { ETHERNET } from './frames.ts';

export interface Rig {
  conntrack: Conntrack<TrackedPacket>;
  /** Milliseconds. */
  now: number;
  /** A new packet through the actions, one after the other; it must not be held. */
  pass(frame: Uint8Array, ...requests: Partial<TrackRequest>[]): TrackedPacket;
  /** Through one action; what goes on. */
  track(frame: Uint8Array, request?: Partial<TrackRequest>): TrackedPacket[];
}

const PLAIN: TrackRequest = { zone: 1, commit: false, force: false };

export function createRig(options: Partial<ConntrackOptions> = {}): Rig {
  const chance = createRandom(7);
  const conntrack = createConntrack<TrackedPacket>({ random: () => chance.below(2 ** 32) / 2 ** 32, ...options });
  const packetOf = (frame: Uint8Array): TrackedPacket => ({
    frame: frame.slice(),
    l3: ETHERNET,
    ethType: u16(frame, 12),
    ct: undefined,
  });
  const rig: Rig = {
    conntrack,
    now: 0,
    track: (frame, request = {}) => conntrack.track(packetOf(frame), { ...PLAIN, ...request }, rig.now),
    pass(frame, ...requests) {
      const packet = packetOf(frame);
      for (const request of requests.length === 0 ? [{}] : requests) {
        conntrack.track(packet, { ...PLAIN, ...request }, rig.now);
      }
      return packet;
    },
  };
  return rig;
}

/** Names of the bits, as ovs-ofctl has them, without `trk`. */
export function stateOf({ ct }: { ct: ConntrackState | undefined }): string {
  const names = { new: 1, est: 2, rel: 4, rpl: 8, inv: 16, snat: 64, dnat: 128 };
  const { state = 0 } = ct ?? {};
  if ((state & CT_STATE.tracked) === 0) return 'untracked';
  return Object.entries(names)
    .filter(([, bit]) => (state & bit) !== 0)
    .map(([name]) => name)
    .join('|');
}

/** `SRC:PORT > DST:PORT` of an IPv4 frame with ports. */
export function endsOf({ frame }: TrackedPacket): string {
  const [src, dst] = [ipv4Text(u32(frame, ETHERNET + 12)), ipv4Text(u32(frame, ETHERNET + 16))];
  return `${src}:${u16(frame, ETHERNET + 20)} > ${dst}:${u16(frame, ETHERNET + 22)}`;
}

/** Whether an IPv4 frame of TCP, UDP or ICMP holds its right checksums. */
export function isSound({ frame }: TrackedPacket): boolean {
  const l4 = ETHERNET + 20;
  if (checksum(frame, ETHERNET, l4) !== 0) return false;
  const protocol = frame[ETHERNET + 9]!;
  const length = frame.length - l4;
  const addresses = frame.subarray(ETHERNET + 12, l4);
  const pseudo = protocol === 1 ? [] : [...addresses, 0, protocol, length >>> 8, length & 0xff];
  return checksum(Uint8Array.from([...pseudo, ...frame.subarray(l4)])) === 0;
}
