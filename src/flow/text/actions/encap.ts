/** encap and decap: a header around the packet, with what NSH's is to hold (ovs-actions(7), Encapsulation). */

import type { Action } from '../../../../proto/openflow/action.ts';
import { hexBytes, hexText } from '../../../../proto/wire/address.ts';
import { fault, hint, shortened } from '../fault.ts';
import { hex, hexOrZero, numberIn } from '../numbers.ts';
import { cut, type Slice, textOf } from '../slice.ts';
import { type Word, words } from '../words.ts';
import { type ActionOf, type Actions, options } from './kinds.ts';

const NSH = 0x1894f;
/** What the header taken off says of the packet in it. */
const NEXT_PROTOCOL = 0xfffe;

const TYPES: ReadonlyMap<string, number> = new Map([
  ['ethernet', 0],
  ['nsh', NSH],
  ['mpls', 0x18847],
  ['mpls_mc', 0x18848],
]);

type Property = ActionOf<'encap'>['properties'][number];

const NSH_CLASS = 4;
const MD_TYPE = 1;
const TLV = 2;
/** Of a TLV in its property: class, type and length. */
const TLV_HEAD = 4;

function formatEncap({ newPktType, properties }: ActionOf<'encap'>): string {
  const name = [...TYPES].find(([, type]) => type === newPktType)?.[0] ?? hexOrZero(newPktType);
  const shown = properties.map(formatProperty).join(',');
  return shown === '' ? `encap(${name})` : `encap(${name}(${shown}))`;
}

function formatProperty({ propClass, propType, data }: Property): string {
  if (propClass === NSH_CLASS && propType === MD_TYPE && data.length === 1) return `md_type=${data[0]}`;
  const length = data[3] ?? 0;
  if (propClass === NSH_CLASS && propType === TLV && data.length >= TLV_HEAD + length) {
    const value = BigInt(`0x0${hexText(data.subarray(TLV_HEAD, TLV_HEAD + length))}`);
    return `tlv(${hex(data[0]! * 256 + data[1]!, 4)},${data[2]},${hex(value)})`;
  }
  return `property(${propClass},${propType},${hexText(data)})`;
}

function parseEncap({ value }: Word): Action[] {
  const [header, more] = words(value);
  if (header === undefined) throw fault(value, `encap(HEADER) needs one of ${[...TYPES.keys()].join(', ')}`);
  const newPktType = TYPES.get(header.name);
  if (newPktType === undefined) {
    throw fault(header.key, `"${shortened(header.name)}" is no header${hint(header.name, TYPES.keys())}`);
  }
  if (more !== undefined) throw fault(more.key, 'nothing follows the header in encap');
  const properties: Property[] = [];
  if (newPktType === NSH) {
    options(header.value, 'encap(nsh)', {
      md_type: (word) => {
        const data = Uint8Array.of(numberIn(word.value, 8, 'md_type'));
        properties.push({ propClass: NSH_CLASS, propType: MD_TYPE, data });
      },
      tlv: (word) => {
        properties.push({ propClass: NSH_CLASS, propType: TLV, data: tlv(word.value) });
      },
    });
  } else if (header.sign !== '') throw fault(header.value, `${header.name} has no properties`);
  return [{ type: 'encap', hdrSize: 0, newPktType, properties }];
}

/** With its header of 4 bytes before it the property is a multiple of 8 long. */
function tlv(slice: Slice): Uint8Array {
  const [tlvClass, type, digits] = cut(slice, ',');
  if (tlvClass === undefined || type === undefined || digits === undefined) {
    throw fault(slice, 'tlv(CLASS,TYPE,VALUE) needs all three');
  }
  const text = textOf(digits).replace(/^0x/, '');
  const bytes = hexBytes(text.length % 2 === 0 ? text : `0${text}`);
  if (bytes === undefined || bytes.length === 0 || bytes.length > 124)
    throw fault(digits, 'the value is hex digits of 1 to 124 bytes');
  const number = numberIn(tlvClass, 16, 'the class');
  const data = new Uint8Array(Math.ceil((8 + bytes.length) / 8) * 8 - 4);
  data.set([number >> 8, number & 255, numberIn(type, 8, 'the type'), bytes.length]);
  data.set(bytes, TLV_HEAD);
  return data;
}

function parseDecap({ value }: Word): Action[] {
  let newPktType = NEXT_PROTOCOL;
  options(value, 'decap', {
    packet_type: (word) => {
      let space: number | undefined;
      let type: number | undefined;
      options(word.value, 'packet_type', {
        ns: (each) => {
          space = numberIn(each.value, 16, 'ns');
        },
        type: (each) => {
          type = numberIn(each.value, 16, 'type');
        },
      });
      if (space === undefined || type === undefined) throw fault(word.key, 'packet_type(ns=…,type=…) needs both');
      newPktType = space * 0x10000 + type;
    },
  });
  return [{ type: 'decap', newPktType }];
}

function formatDecap({ newPktType }: ActionOf<'decap'>): string {
  if (newPktType === NEXT_PROTOCOL) return 'decap()';
  return `decap(packet_type(ns=${newPktType >>> 16},type=${hexOrZero(newPktType & 0xffff)}))`;
}

export const ENCAPSULATION: Actions = {
  print: { encap: formatEncap, decap: formatDecap },
  parse: { encap: parseEncap, decap: parseDecap },
};
