/** A row of the table of match fields: what is known of one field, and how the table is written. */

import type { Prerequisite } from './prerequisites.ts';

/**
 * How a field's value is written: numbers up to 32 bits, bigint up to 64, `0x…` text above; `octets` is `0x…` text of as
 * many bytes as it has pairs of digits, for fields whose width the switch decides.
 */
export type FieldKind = 'number' | 'bigint' | 'hex' | 'octets' | 'mac' | 'ipv4' | 'ipv6';

/** An OXM or NXM header without mask bit and length. `experimenter` only with class 0xffff. */
export interface OxmHeader {
  oxmClass: number;
  field: number;
  experimenter?: number;
}

export interface FieldRow {
  kind: FieldKind;
  /** Bits that mean something; on the wire a value takes `bytes` (of `octets`, at most). */
  bits: number;
  bytes: number;
  maskable: boolean;
  prerequisite: Prerequisite | undefined;
  /** The name in ovs-ofctl. */
  ovs: string;
  /** The header in matches and set_field over OpenFlow 1.4. */
  header: OxmHeader;
  /** The header in Nicira's actions, where it differs: Open vSwitch names fields there by NXM first. */
  nxm: OxmHeader | undefined;
}

export interface RowOptions {
  mask?: true;
  bytes?: number;
  needs?: Prerequisite;
  nxm?: readonly [oxmClass: number, field: number];
  experimenter?: number;
}

/** The kind, the mask and the prerequisite stay literal: the types of matches are made from them. */
export type Row<K extends FieldKind, O extends RowOptions> = Omit<FieldRow, 'kind' | 'maskable' | 'prerequisite'> & {
  kind: K;
  maskable: O extends { mask: true } ? true : false;
  prerequisite: O extends { needs: infer P extends Prerequisite } ? P : undefined;
};

export function row<const K extends FieldKind, const O extends RowOptions = Record<never, never>>(
  ovs: string,
  kind: K,
  bits: number,
  oxmClass: number,
  field: number,
  options?: O,
): Row<K, O> {
  const { mask, bytes, needs, nxm, experimenter }: RowOptions = options ?? {};
  const made: FieldRow = {
    kind,
    bits,
    bytes: bytes ?? Math.ceil(bits / 8),
    maskable: mask === true,
    prerequisite: needs,
    ovs,
    header: experimenter === undefined ? { oxmClass, field } : { oxmClass, field, experimenter },
    nxm: nxm === undefined ? undefined : { oxmClass: nxm[0], field: nxm[1] },
  };
  return made as Row<K, O>;
}
