/** The first eight bytes of IGMP messages (RFC 2236 2, RFC 3376 4); what version 3 adds is payload. */

import { holds, ipv4At, putIpv4, putU16, u16 } from './bytes.ts';
import { checksum } from './checksum.ts';
import type { Fields } from './fields.ts';

export const IGMP_TYPE = { query: 0x11, reportV1: 0x12, reportV2: 0x16, leave: 0x17, reportV3: 0x22 } as const;

export interface IgmpHeader {
  type: number;
  /** The second byte; in tenths of a second. */
  maxResponse: number;
  checksum: number;
  /** Of a version 3 report these four bytes hold the number of its records. */
  group: string;
}

export interface Igmp extends IgmpHeader {
  payloadOffset: number;
}

export type IgmpFields = Fields<IgmpHeader, 'type'>;

export function parseIgmp(bytes: Uint8Array, offset = 0, end = bytes.length): Igmp | undefined {
  if (!holds(bytes, offset, 8, end)) return undefined;
  return {
    type: bytes[offset]!,
    maxResponse: bytes[offset + 1]!,
    checksum: u16(bytes, offset + 2),
    group: ipv4At(bytes, offset + 4),
    payloadOffset: offset + 8,
  };
}

export function buildIgmp(fields: IgmpFields, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + payload.length);
  message[0] = fields.type;
  message[1] = fields.maxResponse ?? 0;
  putIpv4(message, 4, fields.group ?? '0.0.0.0');
  message.set(payload, 8);
  putU16(message, 2, fields.checksum ?? checksum(message));
  return message;
}
