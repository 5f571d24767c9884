/** OFPP_NORMAL (OpenFlow 1.4, 4.5): a learning switch with VLANs, as the ports' tag, trunks and vlan_mode have it in the OVSDB. */

import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { isVlanType } from '../frame/extract.ts';
import type { Key } from '../key/key.ts';
import { HAS_TAG, MOST_VLAN_TAGS, WORD } from '../key/layout.ts';
import type { SwitchPort } from '../switch-state.ts';
import { outputToPort } from './steps/output-to-port.ts';
import type { Translation } from './translation.ts';

const PRIORITY = 0xe000;
const VID = 0x0fff;
const VLAN_TPID = 0x8100;

export function normal(translation: Translation): void {
  const { key, state, macs, watcher } = translation;
  const from = key[WORD.inPort]!;
  const inPort = state.ports.get(from);
  if (inPort === undefined && from !== RESERVED_PORTS.any && from !== RESERVED_PORTS.controller) {
    watcher?.note(`NORMAL: there is no port ${from}: the packet is dropped`);
    return;
  }
  if (isVlanType(key[WORD.ethType]!) && (key[WORD.vlans]! & HAS_TAG) === 0) {
    watcher?.note('NORMAL: half a tag: the packet is dropped');
    return;
  }
  const vlan = vlanOfInput(key, inPort);
  if (vlan === undefined) {
    watcher?.note('NORMAL: a tag that the port does not take: the packet is dropped');
    return;
  }
  if (isReserved(key)) {
    watcher?.note('NORMAL: for a bridge itself: the packet is dropped');
    return;
  }
  // An access port's own tag takes the place of all that the packet came with.
  const isAccess = inPort?.vlan.mode === 'access';
  const now = state.now();
  if (inPort !== undefined && !isGroup(key, WORD.ethSrc)) {
    const source = macOf(key, WORD.ethSrc);
    if (translation.inPacketOut) translation.seen.push({ vlan, mac: source, portNo: inPort.portNo });
    else macs.learn(vlan, source, inPort.portNo, now);
  }
  const known = isGroup(key, WORD.ethDst) ? undefined : macs.lookup(vlan, macOf(key, WORD.ethDst), now);
  const target = known === undefined ? undefined : state.ports.get(known);
  if (target !== undefined) {
    if (target === inPort) watcher?.note('NORMAL: the station is where the packet came from: it is dropped');
    else outputWithVlan(translation, target, vlan, isAccess);
    return;
  }
  watcher?.note('NORMAL: nobody knows where the station is: the packet is flooded');
  for (const port of state.ports.values()) {
    if (port !== inPort && carries(port, vlan)) outputWithVlan(translation, port, vlan, isAccess);
  }
}

/** From no port, as the controller's own packets may come, every tag is taken. */
function vlanOfInput(key: Key, port: SwitchPort | undefined): number | undefined {
  const vid = key[WORD.vlans]! & VID;
  if (port === undefined) return vid;
  const { mode, tag } = port.vlan;
  if (mode === 'access') return vid === 0 ? tag : undefined;
  const vlan = vid === 0 && mode !== 'trunk' ? tag : vid;
  return carries(port, vlan) ? vlan : undefined;
}

/** A trunk without a list takes all. */
function carries({ vlan: { mode, tag, trunks } }: SwitchPort, vlan: number): boolean {
  if (mode === 'access') return vlan === tag;
  return trunks.length === 0 || trunks.includes(vlan) || (mode !== 'trunk' && vlan === tag);
}

/** Tags that say neither a VLAN nor a priority are not sent; nor is what lies behind one. */
function outputWithVlan(translation: Translation, port: SwitchPort, vlan: number, access: boolean): void {
  const { key } = translation;
  const before = key.slice(WORD.vlans, WORD.vlans + MOST_VLAN_TAGS);
  const tags = tagsFor(port, vlan, access ? before.subarray(0, 1) : before);
  for (let i = 0; i < MOST_VLAN_TAGS; i++) key[WORD.vlans + i] = tags[i] ?? 0;
  translation.dirty = true;
  outputToPort(translation, port.portNo);
  key.set(before, WORD.vlans);
  translation.dirty = true;
}

function tagsFor({ vlan: { mode, tag } }: SwitchPort, vlan: number, old: Uint32Array): number[] {
  if (mode === 'access') return [];
  const tags = Array.from(old, (each, i) => {
    const control = (each & PRIORITY) | (i === 0 ? vlan : each & VID);
    return control === 0 ? 0 : (((each >>> 16 || VLAN_TPID) << 16) | HAS_TAG | control) >>> 0;
  });
  return mode === 'nativeUntagged' && vlan === tag ? tags.slice(1) : tags;
}

const isGroup = (key: Key, word: number) => (key[word]! & 0x0100) !== 0;
const macOf = (key: Key, word: number) => key[word]! * 2 ** 32 + key[word + 1]!;

/** 01:80:c2:00:00:00 to 0f, which no bridge forwards (IEEE 802.1Q, 8.6.3). */
function isReserved(key: Key): boolean {
  return key[WORD.ethDst] === 0x0180 && (key[WORD.ethDst + 1]! & 0xffff_fff0) >>> 0 === 0xc200_0000;
}
