// The matches of the measured messages, read and written by hand: one switch, no tables, no errors that say much.
import { hexAt } from '../../proto/openflow/oxm-hex.ts';
import { ipv4Text } from '../../proto/wire/address.ts';
import { u64At } from '../../proto/wire/reader.ts';

export const u16 = (b: Uint8Array, p: number) => (b[p]! << 8) | b[p + 1]!;
export const u32 = (b: Uint8Array, p: number) =>
  ((b[p]! << 24) | (b[p + 1]! << 16) | (b[p + 2]! << 8) | b[p + 3]!) >>> 0;
export const u64 = u64At;

type AnyMatch = Record<string, unknown>;

/** From the match's first byte; its length without padding is the caller's to read. */
export function readMatch(b: Uint8Array, start: number): AnyMatch {
  const end = start + u16(b, start + 2);
  if (end > b.length || u16(b, start) !== 1) throw new Error('bad match');
  const m: AnyMatch = {};
  let p = start + 4;
  while (p < end) {
    const v = p + 4;
    switch (u32(b, p)) {
      case 0x80000004:
        m.inPort = u32(b, v);
        break;
      case 0x80000408:
        m.metadata = u64(b, v);
        break;
      case 0x80000510:
        m.metadata = { value: u64(b, v), mask: u64(b, v + 8) };
        break;
      case 0x80000a02:
        m.ethType = u16(b, v);
        break;
      case 0x80001401:
        m.ipProto = b[v];
        break;
      case 0x80001604:
        m.ipv4Src = ipv4Text(u32(b, v));
        break;
      case 0x80001708:
        m.ipv4Src = { value: ipv4Text(u32(b, v)), mask: ipv4Text(u32(b, v + 4)) };
        break;
      case 0x80001804:
        m.ipv4Dst = ipv4Text(u32(b, v));
        break;
      case 0x80001c02:
        m.tcpDst = u16(b, v);
        break;
      case 0x00010204:
        m.reg1 = u32(b, v);
        break;
      case 0x00010804:
        m.reg4 = u32(b, v);
        break;
      case 0x00010d08:
        m.reg6 = { value: u32(b, v), mask: u32(b, v + 4) };
        break;
      case 0x00011004:
        m.reg8 = u32(b, v);
        break;
      case 0x00011108:
        m.reg8 = { value: u32(b, v), mask: u32(b, v + 4) };
        break;
      case 0x00011404:
        m.reg10 = u32(b, v);
        break;
      case 0x00011508:
        m.reg10 = { value: u32(b, v), mask: u32(b, v + 4) };
        break;
      case 0x0001d308:
        m.ctState = { value: u32(b, v), mask: u32(b, v + 4) };
        break;
      case 0x0001d604:
        m.ctMark = u32(b, v);
        break;
      case 0x0001d708:
        m.ctMark = { value: u32(b, v), mask: u32(b, v + 4) };
        break;
      case 0x0001d810:
        m.ctLabel = hexAt(b, v, 16);
        break;
      default:
        throw new Error('no such field');
    }
    p = v + b[p + 3]!;
  }
  return m;
}
