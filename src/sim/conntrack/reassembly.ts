/** A packet put together from its fragments for tracking, and what became of it brought back to them. */

import { putU16, u16 } from '../../packet/bytes.ts';
import { checksum } from '../../packet/checksum.ts';
import type { Fragment } from './fragments.ts';
import { IPV4 } from './ip-header.ts';
import type { TrackedPacket } from './packet.ts';
import type { ConntrackState } from './state.ts';
import { replaceAddresses } from './translate.ts';

/** Of all its fragments in order. */
export function reassemble(fragments: readonly Fragment[]): TrackedPacket {
  const { packet, data, header } = fragments[0]!;
  const { frame, l3, ethType, ct } = packet;
  const length = fragments.at(-1)!.end + 1;
  const spent = data - l3 - (ethType === IPV4 ? 0 : 40);
  const whole = new Uint8Array(data + length);
  whole.set(frame.subarray(0, data));
  for (const each of fragments) {
    const { start, end } = each;
    whole.set(each.packet.frame.subarray(each.data, each.data + end + 1 - start), data + start);
  }
  if (ethType === IPV4) {
    putU16(whole, l3 + 2, spent + length);
    putU16(whole, l3 + 6, u16(whole, l3 + 6) & ~0x2000);
    putU16(whole, l3 + 10, 0);
    putU16(whole, l3 + 10, checksum(whole, l3, data));
  } else {
    putU16(whole, l3 + 4, spent + length);
    // As a fragment that is all of the packet.
    putU16(whole, header + 2, 0);
  }
  return { frame: whole, l3, ethType, ct };
}

/** Its addresses, and where they are its ports, into the fragments; each gets its state. */
export function bringBack({ frame, l3, ethType, ct }: TrackedPacket, fragments: readonly Fragment[]): void {
  for (const { packet, start, end, data } of fragments) {
    if (start === 0) packet.frame.set(frame.subarray(data, data + end + 1), data);
    replaceAddresses(packet.frame, packet.l3, frame, l3, ethType);
    packet.ct = ct === undefined ? undefined : stateOf(ct, start);
  }
}

/** A later fragment shows no ports. */
function stateOf(ct: ConntrackState, start: number): ConntrackState {
  const { original } = ct;
  if (start === 0 || original === undefined) return { ...ct, cached: undefined };
  return { ...ct, cached: undefined, original: { ...original, srcPort: 0, dstPort: 0 } };
}
