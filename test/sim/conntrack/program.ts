/**
 * A few `ct` actions one after the other, as flows of a real switch and as calls of the simulated conntrack; both tell
 * after each of them what the packet is then.
 */

import { ipv4Text, ipv6Text } from '../../../proto/wire/address.ts';
import { putU16, putU32, u16, u32 } from '../../../src/packet/bytes.ts';
import type { Conntrack } from '../../../src/sim/conntrack/conntrack.ts';
import type { TrackedPacket } from '../../../src/sim/conntrack/packet.ts';
import type { TrackRequest } from '../../../src/sim/conntrack/request.ts';
import { CT_STATE, NO_LABEL, type OriginalTuple } from '../../../src/sim/conntrack/state.ts';
import { ETHERNET } from './frames.ts';

/** Marks below 2 ** 24 and labels below 2 ** 48 can be seen. */
export type Program = readonly TrackRequest[];

export function actionText({ zone, commit, force, mark, label, nat }: TrackRequest): string {
  const parts = [`zone=${zone}`];
  if (commit) parts.push('commit');
  if (force) parts.push('force');
  if (nat !== undefined) parts.push(natText(nat));
  const set: string[] = [];
  if (mark !== undefined) set.push(`set_field:${mark.value}/${mark.mask}->ct_mark`);
  if (label !== undefined) set.push(`set_field:${wide(label.value)}/${wide(label.mask)}->ct_label`);
  if (set.length > 0) parts.push(`exec(${set.join(',')})`);
  return parts.join(',');
}

function natText({ src, dst, addressMin, addressMax, portMin, portMax, ...flags }: NonNullable<TrackRequest['nat']>) {
  if (src !== true && dst !== true) return 'nat';
  const address = (words: readonly number[]) => {
    if (words.length === 1) return ipv4Text(words[0]!);
    const bytes = new Uint8Array(16);
    for (const [i, word] of words.entries()) putU32(bytes, 4 * i, word);
    return `[${ipv6Text(bytes)}]`;
  };
  let range = addressMin === undefined ? '' : address(addressMin);
  if (addressMax !== undefined) range += `-${address(addressMax)}`;
  if (portMin !== undefined) range += `:${portMin}${portMax === undefined ? '' : `-${portMax}`}`;
  const options = ['persistent', 'hash', 'random'].filter((name) => flags[name as keyof typeof flags] === true);
  const of = range === '' ? '' : `=${range}`;
  return `nat(${[`${src === true ? 'src' : 'dst'}${of}`, ...options].join(',')})`;
}

function wide(words: readonly number[]): string {
  return `0x${words.map((word) => word.toString(16).padStart(8, '0')).join('')}`;
}

const macOf = (number: number) => `00:00:00:00:${(number >>> 8).toString(16)}:${(number & 0xff).toString(16)}`;

/** Copies that say by Ethernet's addresses what the packet's state is. */
const STATE = [
  'move:NXM_NX_CT_STATE[0..7]->NXM_OF_ETH_DST[0..7]',
  'move:NXM_NX_CT_ZONE[0..7]->NXM_OF_ETH_DST[8..15]',
  'move:NXM_NX_CT_MARK[0..23]->NXM_OF_ETH_DST[24..47]',
  'move:NXM_NX_CT_LABEL[0..47]->NXM_OF_ETH_SRC[0..47]',
];
const ORIGINAL = [
  'move:NXM_NX_CT_NW_SRC[]->NXM_OF_ETH_DST[0..31]',
  'move:NXM_NX_CT_TP_SRC[]->NXM_OF_ETH_DST[32..47]',
  'move:NXM_NX_CT_NW_DST[]->NXM_OF_ETH_SRC[0..31]',
  'move:NXM_NX_CT_TP_DST[]->NXM_OF_ETH_SRC[32..47]',
];

/** A frame chooses its program by Ethernet's destination. */
export function programFlows(programs: readonly Program[]): string[] {
  const copy = (...actions: string[]) => `clone(${actions.join(',')},output:2)`;
  const state = copy(...STATE);
  const original = copy(...ORIGINAL, 'push_vlan:0x8100');
  const flows: string[] = [];
  for (const [number, program] of programs.entries()) {
    // A range fits one version of IP alone.
    const words = program.map(({ nat }) => nat?.addressMin?.length);
    const unfit = words.includes(1) ? 'ipv6' : words.includes(4) ? 'ip' : 'neither';
    for (let step = 0; step <= program.length; step++) {
      const request = program[step];
      const next = request === undefined ? [] : [`ct(${actionText(request)},table=${step + 1})`];
      for (const match of step === 0 ? ['ip', 'ipv6'] : ['priority=9,ip,ct_state=+trk-inv', 'priority=8,ip', 'ipv6']) {
        if (match.split(',').includes(unfit)) continue;
        const shown = step === 0 ? [] : match.endsWith('-inv') ? [state, original] : [state];
        const actions = [...shown, ...next].join(',') || 'drop';
        flows.push(`table=${step},${match},dl_dst=${macOf(number)},actions=${actions}`);
      }
    }
  }
  return flows;
}

export function withProgram(frame: Uint8Array, number: number): Uint8Array {
  const copy = frame.slice();
  putU16(copy, 4, number);
  return copy;
}

/** What the switch sent; packets of a batch may pass each other, so sorted. */
export function seenOnSwitch(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => (u16(frame, 12) === 0x8100 ? seenOriginal(frame) : seenState(frame))).toSorted();
}

function seenState(frame: Uint8Array): string {
  const state = frame[5]!;
  const told = { zone: frame[4]!, mark: u32(frame, 0) >>> 8, label: u16(frame, 6) * 2 ** 32 + u32(frame, 8) };
  return stateText(state, told.zone, told.mark, told.label, frame.subarray(ETHERNET));
}

function seenOriginal(frame: Uint8Array): string {
  return originalText(u32(frame, 2), u16(frame, 0), u32(frame, 8), u16(frame, 6), frame.subarray(ETHERNET + 4));
}

function stateText(state: number, zone: number, mark: number, label: number, packet: Uint8Array): string {
  const bits = Object.entries(CT_STATE).filter(([, bit]) => (state & bit) !== 0);
  // Without `tracked` the zone is whatever another packet had.
  const where = (state & CT_STATE.tracked) === 0 ? '' : ` zone ${zone} mark ${mark} label ${label}`;
  return `${hex(packet)} ${bits.map(([name]) => name).join('+')}${where}`;
}

function originalText(src: number, srcPort: number, dst: number, dstPort: number, packet: Uint8Array): string {
  return `${hex(packet)} from ${ipv4Text(src)}:${srcPort} to ${ipv4Text(dst)}:${dstPort}`;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The same of the simulated conntrack. What comes late follows its own program, from where the packet before it is. */
export function seenInSimulation(
  conntrack: Conntrack<TrackedPacket>,
  programs: readonly Program[],
  frame: Uint8Array,
  now: number,
): string[] {
  const seen: string[] = [];
  function step(packet: TrackedPacket, at: number): void {
    const program = programs[u16(packet.frame, 4)]!;
    // What came with a longer program ends here.
    if (at > program.length) return;
    if (at > 0) seen.push(...seenOf(packet));
    const request = program[at];
    if (request === undefined) return;
    for (const each of conntrack.track(packet, request, now)) step(each, at + 1);
  }
  step({ frame: frame.slice(), l3: ETHERNET, ethType: u16(frame, 12), ct: undefined }, 0);
  return seen.toSorted();
}

function seenOf({ frame, ethType, ct }: TrackedPacket): string[] {
  const { state = 0, zone = 0, mark = 0, label = NO_LABEL, original } = ct ?? {};
  const packet = frame.subarray(ETHERNET);
  const seen = [stateText(state, zone & 0xff, mark & 0xffffff, (label[2]! & 0xffff) * 2 ** 32 + label[3]!, packet)];
  if (ethType === 0x0800 && (state & (CT_STATE.invalid | CT_STATE.tracked)) === CT_STATE.tracked) {
    // The tuple is there for OpenFlow where one of these is; without, the copy has its Ethernet addresses still.
    const there = (state & (CT_STATE.new | CT_STATE.established | CT_STATE.reply)) !== 0;
    const { src, srcPort, dst, dstPort } = there && original !== undefined ? original : unmoved(frame);
    seen.push(originalText(src[0]!, srcPort, dst[0]!, dstPort, packet));
  }
  return seen;
}

function unmoved(frame: Uint8Array): Pick<OriginalTuple, 'src' | 'dst' | 'srcPort' | 'dstPort'> {
  return { src: [u32(frame, 2)], srcPort: u16(frame, 0), dst: [u32(frame, 8)], dstPort: u16(frame, 6) };
}
