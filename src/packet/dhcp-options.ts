/**
 * The options of a DHCP message wherever they stand: behind the header, or where `overload` says so in the fields for a boot
 * file and a server's name (RFC 2132 9.3); values of more than 255 bytes in parts (RFC 3396).
 */

import { joined } from './bytes.ts';
import { DHCP_OPTION, type DhcpMessage, type DhcpOption } from './dhcp.ts';

const PAD = 0;
const END = 255;
const LONGEST = 255;
const FILE = { offset: 108, length: 128, bit: 1 } as const;
const NAME = { offset: 44, length: 64, bit: 2 } as const;
/** `overload` itself: code, length, one byte. */
const OVERLOAD_LENGTH = 3;

/** By code; `bytes` are the message's own, from its first byte on. */
export function dhcpOptions(message: Pick<DhcpMessage, 'options'>, bytes: Uint8Array): Map<number, Uint8Array> {
  const all = [...message.options];
  const overload = message.options.find(({ code }) => code === DHCP_OPTION.overload)?.value[0] ?? 0;
  for (const { offset, length, bit } of [FILE, NAME]) {
    if ((overload & bit) !== 0) all.push(...optionsIn(bytes.subarray(offset, offset + length)));
  }
  const found = new Map<number, Uint8Array>();
  for (const { code, value } of all) {
    const before = found.get(code);
    found.set(code, before === undefined ? value : joined(before, value));
  }
  return found;
}

/** Up to the end option, or to what is cut. */
function optionsIn(bytes: Uint8Array): DhcpOption[] {
  const options: DhcpOption[] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== END; ) {
    if (bytes[at] === PAD) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? bytes.length;
    if (at + 2 + length > bytes.length) break;
    options.push({ code: bytes[at]!, value: bytes.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return options;
}

export interface LaidDhcpOptions extends Partial<Pick<DhcpMessage, 'serverName' | 'bootFile'>> {
  options: DhcpOption[];
  /** Codes of those for which there is no room. */
  left: number[];
}

/**
 * The first ones first, behind the header as far as `room` bytes go, the others in the two fields, unless they are taken.
 */
export function layDhcpOptions(
  wanted: readonly DhcpOption[],
  room: number,
  taken: { serverName: boolean; bootFile: boolean },
): LaidDhcpOptions {
  const parts = wanted.map((each) => ({ code: each.code, pieces: piecesOf(each) }));
  const sizeOf = (pieces: readonly DhcpOption[]) => pieces.reduce((sum, { value }) => sum + 2 + value.length, 0);
  const isAll = parts.reduce((sum, { pieces }) => sum + sizeOf(pieces), 1) <= room;
  const fields = [
    ...(taken.bootFile ? [] : [{ ...FILE, options: [] as DhcpOption[], room: FILE.length - 1 }]),
    ...(taken.serverName ? [] : [{ ...NAME, options: [] as DhcpOption[], room: NAME.length - 1 }]),
  ];
  const options: DhcpOption[] = [];
  const left: number[] = [];
  let free = room - 1 - (isAll ? 0 : OVERLOAD_LENGTH);
  for (const { code, pieces } of parts) {
    const size = sizeOf(pieces);
    const field = fields.find((each) => each.room >= size);
    if (size <= free) {
      options.push(...pieces);
      free -= size;
    } else if (field !== undefined && pieces.length === 1) {
      field.options.push(...pieces);
      field.room -= size;
    } else left.push(code);
  }
  const used = fields.filter((field) => field.options.length > 0);
  if (used.length === 0) return { options, left };
  const overload = used.reduce((bits, { bit }) => bits | bit, 0);
  const laid: LaidDhcpOptions = { options: [{ code: DHCP_OPTION.overload, value: Uint8Array.of(overload) }], left };
  laid.options.push(...options);
  for (const field of used) laid[field.bit === FILE.bit ? 'bootFile' : 'serverName'] = textOf(field.options);
  return laid;
}

function piecesOf({ code, value }: DhcpOption): DhcpOption[] {
  if (value.length <= LONGEST) return [{ code, value }];
  const pieces: DhcpOption[] = [];
  for (let at = 0; at < value.length; at += LONGEST) pieces.push({ code, value: value.subarray(at, at + LONGEST) });
  return pieces;
}

/** Each byte a character, as these fields are given. */
function textOf(options: readonly DhcpOption[]): string {
  const bytes = options.flatMap(({ code, value }) => [code, value.length, ...value]);
  return String.fromCharCode(...bytes, END);
}
