/** A match as ovs-ofctl prints it (match_format): its words, their order, decimal or hex. */

import type { Match } from '../../../proto/openflow/match.ts';
import { isField, isMasked } from '../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldOf, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import { allBits, toBits } from './field-bits.ts';
import { fieldText } from './field-names.ts';
import { type Bits, formatBits } from './field-value.ts';
import { FLAG_FIELDS, formatMaskedFlags } from './flag-words.ts';
import { TEXT_ORDER } from './match-order.ts';
import { hex, hexOrZero } from './numbers.ts';
import { PROTOCOLS, type Protocol } from './protocol-words.ts';

/** Words that are not the field's own. */
const WORDS: Partial<Record<FieldName, string>> = {
  inPort: 'in_port',
  ethSrc: 'dl_src',
  ethDst: 'dl_dst',
  ethType: 'dl_type',
  ipv4Src: 'nw_src',
  ipv4Dst: 'nw_dst',
  ipFrag: 'nw_frag',
  tcpSrc: 'tp_src',
  tcpDst: 'tp_dst',
  udpSrc: 'tp_src',
  udpDst: 'tp_dst',
  sctpSrc: 'tp_src',
  sctpDst: 'tp_dst',
  icmpv6Type: 'icmp_type',
  icmpv6Code: 'icmp_code',
  tunGtpuFlags: 'gtpu_flags',
  tunGtpuMsgtype: 'gtpu_msgtype',
};

const PLACES = new Map<string, number>(TEXT_ORDER.map((name, place) => [name, place]));
const PROTOCOL = PLACES.get('protocol')!;
const TAG = PLACES.get('tag')!;
for (const name of ['vlanVid', 'vlanPcp', 'vlanTci']) PLACES.set(name, TAG);
/** The first field of the packet itself. */
const ETHERNET = TAG;

type Said = FieldValue | Masked<FieldValue>;
type Fields = Readonly<Record<string, Said | undefined>>;

export function formatMatch(match: Match): string {
  const fields = withRegisters(match as Fields);
  const protocol = PROTOCOLS.find(
    ({ ethType, ipProto }) => fields.ethType === ethType && (ipProto === undefined || fields.ipProto === ipProto),
  );
  const found: [place: number, text: string][] = [];
  let ethernet = false;
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    const place = PLACES.get(name) ?? PLACES.size;
    if (place >= ETHERNET && place < PLACES.size) ethernet = true;
    if (place === TAG || (protocol !== undefined && isToldBy(protocol, name))) continue;
    const text = isField(name) ? formatField(name, value) : formatUnknown(name, value);
    if (text !== '') found.push([place, text]);
  }
  if (protocol !== undefined) found.push([PROTOCOL, protocol.word]);
  const tag = formatTag(fields);
  if (tag !== '') found.push([TAG, tag]);
  // This field of the switch's inside makes Open vSwitch say what goes without saying elsewhere.
  if (ethernet && fields.recircId !== undefined) found.push([PROTOCOL - 0.5, 'eth']);
  return found
    .sort(([a], [b]) => a - b)
    .map(([, text]) => text)
    .join(',');
}

/** Wide registers as the registers of 32 bits that they are made of. */
function withRegisters(fields: Fields): Fields {
  let shown = fields;
  for (const name in fields) {
    const [, wide] = /^(x{1,2})reg\d$/.exec(name) ?? [];
    const bits = wide === undefined ? undefined : said(name as FieldName, fields[name]!);
    if (wide === undefined || bits === undefined) continue;
    const { [name]: _, ...others } = shown;
    const count = 2 ** wide.length;
    const first = Number(name.at(-1)) * count;
    const parts = Array.from({ length: count }, (_, n): [string, Said][] => {
      const shift = BigInt(32 * (count - 1 - n));
      const value = Number((bits.value >> shift) & 0xffffffffn);
      const mask = Number((bits.mask >> shift) & 0xffffffffn);
      return mask === 0 ? [] : [[`reg${first + n}`, mask === 0xffffffff ? value : { value, mask }]];
    });
    shown = { ...others, ...Object.fromEntries(parts.flat()) };
  }
  return shown;
}

function isToldBy({ ipProto }: Protocol, name: string): boolean {
  return name === 'ethType' || (name === 'ipProto' && ipProto !== undefined);
}

/** undefined where a value is none of the field's kind: it is shown as it is. */
function said(name: FieldName, value: Said): Bits | undefined {
  const plain = toBits(name, isMasked(value) ? value.value : value);
  const mask = isMasked(value) ? toBits(name, value.mask) : allBits(name);
  return plain === undefined || mask === undefined ? undefined : { value: plain, mask };
}

function formatField(name: FieldName, value: Said): string {
  const bits = said(name, value);
  const word = WORDS[name] ?? fieldText(name).name;
  if (bits === undefined) return `${word}=${isMasked(value) ? `${value.value}/${value.mask}` : value}`;
  if (name === 'packetType') return bits.value === 0n ? '' : `${word}=${formatBits(name, bits)}`;
  if (name === 'ipDscp') return `nw_tos=${bits.value << 2n}`;
  return `${word}=${inMatch(name, value, bits)}`;
}

/** Where matches are printed otherwise than the same value in an action. */
function inMatch(name: FieldName, said: Said, { value, mask }: Bits): string {
  const exact = mask === allBits(name);
  switch (name) {
    case 'tunFlags':
      return formatMaskedFlags(FLAG_FIELDS.tunFlags, Number(value), Number(mask));
    case 'ethType':
      return hex(value, 4);
    case 'ctZone':
      return String(value);
    case 'ipv6FlowLabel':
      return exact ? hex(value, 5) : `${hex(value, 5)}/${hex(mask, 5)}`;
    case 'tunGbpFlags':
    case 'tunGtpuFlags':
      return exact ? hexOrZero(value) : `${hexOrZero(value)}/${hexOrZero(mask)}`;
    case 'nshFlags':
      return exact ? String(value) : `${hex(value, 2)}/${hex(mask, 2)}`;
    case 'nshSpi':
    case 'nshC1':
    case 'nshC2':
    case 'nshC3':
    case 'nshC4':
      return exact ? hex(value) : `${hex(value)}/${hex(mask)}`;
  }
  const { kind } = fieldRow(name);
  if (kind === 'octets' && isMasked(said) && /^0xf*$/.test(String(said.mask))) return hexOrZero(value);
  const { notation } = fieldText(name);
  if (kind === 'number' && notation === 'decimal' && !exact) return `${hex(value)}/${hex(mask)}`;
  return formatBits(name, { value, mask });
}

/** The tag as OpenFlow 1.0 had it where that says all, else as its 16 bits. */
function formatTag({ vlanVid, vlanPcp, vlanTci }: Fields): string {
  let value = 0;
  let mask = 0;
  const add = (name: FieldName, from: Said | undefined, shift: number) => {
    const bits = from === undefined ? undefined : said(name, from);
    if (bits === undefined) return;
    value |= Number(bits.value) << shift;
    mask |= Number(bits.mask) << shift;
  };
  add('vlanVid', vlanVid, 0);
  add('vlanPcp', vlanPcp, 13);
  add('vlanTci', vlanTci, 0);
  if (mask === 0) return '';
  const vid = mask & 0xfff;
  const priority = mask & 0xe000;
  const tagged = (mask & value & 0x1000) !== 0;
  if (tagged && (vid === 0 || vid === 0xfff) && (priority === 0 || priority === 0xe000) && (vid || priority)) {
    const text = vid ? `dl_vlan=${value & 0xfff}` : '';
    if (!priority) return text;
    return `${text === '' ? '' : `${text},`}dl_vlan_pcp=${(value >> 13) & 7}`;
  }
  return mask === 0xffff ? `vlan_tci=${hex(value, 4)}` : `vlan_tci=${hex(value & mask, 4)}/${hex(mask, 4)}`;
}

/** Options of tunnels without a byte are fields of their own; what else the table does not know keeps its header. */
function formatUnknown(name: string, value: Said): string {
  const [, oxmClass, field] = /^oxm:([0-9a-f]+):([0-9a-f]+)$/.exec(name) ?? [];
  const known =
    oxmClass === undefined ? undefined : fieldOf(Number.parseInt(oxmClass, 16), Number.parseInt(field!, 16));
  const plain = isMasked(value) ? value.value : value;
  if (known !== undefined && fieldRow(known).kind === 'octets' && plain === '') {
    return isMasked(value) ? fieldText(known).name : `${fieldText(known).name}=0`;
  }
  return isMasked(value) ? `${name}=${value.value}/${value.mask}` : `${name}=${value}`;
}
