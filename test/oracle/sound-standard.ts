// Arbitrary actions of the standard's that Open vSwitch accepts, and their text.
import fc from 'fast-check';
import { u8, u16, u32 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, bare, IP, kind, ovsPort } from './action-kind.ts';
import { SET_FIELDS } from './sound-set-field.ts';

const RESERVED: Readonly<Record<string, string>> = {
  inPort: 'IN_PORT',
  table: 'TABLE',
  normal: 'NORMAL',
  flood: 'FLOOD',
  all: 'ALL',
  local: 'LOCAL',
};
const reservedPort = fc.constantFrom(...Object.keys(RESERVED));

export const STANDARD_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  output: [
    kind(
      ANY,
      ovsPort,
      (port) => ({ type: 'output', port, maxLen: 0 }),
      (port) => `output:${port}`,
    ),
    kind(
      ANY,
      reservedPort,
      (port) => ({ type: 'output', port, maxLen: 0 }),
      (port) => RESERVED[port]!,
    ),
    kind(
      ANY,
      u16,
      (maxLen) => ({ type: 'output', port: 'controller', maxLen }),
      (maxLen) => `CONTROLLER:${maxLen}`,
    ),
  ],
  setMplsTtl: [
    kind(
      ['mpls'],
      u8,
      (mplsTtl) => ({ type: 'setMplsTtl', mplsTtl }),
      (ttl) => `set_mpls_ttl(${ttl})`,
    ),
  ],
  decMplsTtl: [bare(['mpls'], 'decMplsTtl', 'dec_mpls_ttl')],
  pushVlan: [
    kind(
      ANY,
      fc.constantFrom(0x8100, 0x88a8),
      (ethertype) => ({ type: 'pushVlan', ethertype }),
      (ethertype) => `push_vlan:${ethertype}`,
      true,
    ),
  ],
  popVlan: [bare(['vlan'], 'popVlan', 'pop_vlan', true)],
  pushMpls: [
    kind(
      ['tcp', 'mpls'],
      fc.constantFrom(0x8847, 0x8848),
      (ethertype) => ({ type: 'pushMpls', ethertype }),
      (ethertype) => `push_mpls:${ethertype}`,
      true,
    ),
  ],
  popMpls: [
    kind(
      ['mpls'],
      fc.constantFrom(0x0800, 0x86dd, 0x8847),
      (ethertype) => ({ type: 'popMpls', ethertype }),
      (ethertype) => `pop_mpls:${ethertype}`,
      true,
    ),
  ],
  setQueue: [
    kind(
      ANY,
      u32,
      (queueId) => ({ type: 'setQueue', queueId }),
      (queueId) => `set_queue:${queueId}`,
    ),
  ],
  group: [
    kind(
      ANY,
      fc.integer({ min: 0, max: 0xffffff00 }),
      (groupId) => ({ type: 'group', groupId }),
      (groupId) => `group:${groupId}`,
    ),
  ],
  setNwTtl: [
    kind(
      IP,
      u8,
      (nwTtl) => ({ type: 'setNwTtl', nwTtl }),
      (ttl) => `mod_nw_ttl:${ttl}`,
    ),
  ],
  decNwTtl: [bare(IP, 'decNwTtl', 'dec_ttl')],
  setField: SET_FIELDS,
};
