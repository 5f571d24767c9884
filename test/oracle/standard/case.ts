// What the messages of this folder are made of: our values, and calls of os-ken's classes.
import type { MessageBody } from '../../../proto/openflow/message.ts';
import type { Build } from '../os-ken.ts';

/** name → the message as ours, and as os-ken builds it; undefined: os-ken has no use of it. */
export type Cases = Record<string, [MessageBody, Build | undefined]>;

/** Of every message here; one in a bundle must have the bundle's. */
export const XID = 0x2a2b2c2d;

export const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

export function ken(name: string, args: Record<string, unknown> = {}): Build {
  return { class: `OFP${name}`, args };
}

/** An experimenter's property of any list: ours, and os-ken's of that list, which takes data by words of 32 bits. */
export const experimenter = {
  type: 'experimenter',
  experimenter: 0x00abcdef,
  experimenterType: 0x1234,
  data: bytes('cafebabe'),
} as const;

export function kenExperimenter(list: string, type = 0xffff): Build {
  return ken(`${list}Experimenter`, { type_: type, experimenter: 0xabcdef, exp_type: 0x1234, data: [0xcafebabe] });
}

/** An Ethernet frame that begins an IPv4 packet. */
export const FRAME = `0a00000000020a00000000010800${'45'.repeat(14)}`;
