/** Conntrack's entries as `ovs-appctl dpctl/dump-conntrack -m -s` shows them. */

import { ipv4Text, ipv6Text } from '../../../proto/wire/address.ts';
import { putU32 } from '../../../src/packet/bytes.ts';
import type { ConntrackEntry, EntryTuple } from '../../../src/sim/conntrack/entries.ts';

/** Of the simulated conntrack, sorted. */
export function entriesText(entries: readonly ConntrackEntry[]): string {
  return entries.map(entryText).toSorted().join('\n');
}

/** What the switch said, sorted, without what is always the same or how far windows are shifted. */
export function dumpText(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines
    .map((line) => line.replace(/,(wscale|flags)_orig.*?\)/, ')'))
    .toSorted()
    .join('\n');
}

/** As Open vSwitch names them; others are numbers. */
const NAMES: Readonly<Record<number, string>> = {
  ...{ 1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6', 132: 'sctp', 136: 'udplite' },
};

function entryText({ zone, protocol, original, reply, mark, label, timeout, tcp }: ConntrackEntry): string {
  const parts = [
    `${NAMES[protocol] ?? protocol},orig=${tupleText(original)},reply=${tupleText(reply)},id=0`,
    ...(zone === 0 ? [] : [`zone=${zone}`]),
    `status=0,timeout=${timeout}`,
    ...(mark === 0 ? [] : [`mark=${mark}`]),
    ...(label.every((word) => word === 0) ? [] : [`labels=0x${labelText(label)}`]),
    ...(tcp === undefined ? [] : [`protoinfo=(state_orig=${tcp.original},state_reply=${tcp.reply})`]),
  ];
  return parts.join(',');
}

function labelText(words: readonly number[]): string {
  return words
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('')
    .replace(/^0+/, '');
}

function tupleText({ src, dst, srcPort, dstPort, icmp }: EntryTuple): string {
  const last =
    icmp === undefined ? `sport=${srcPort},dport=${dstPort}` : `id=${icmp.id},type=${icmp.type},code=${icmp.code}`;
  return `(src=${addressText(src)},dst=${addressText(dst)},${last})`;
}

function addressText(words: readonly number[]): string {
  if (words.length === 1) return ipv4Text(words[0]!);
  const bytes = new Uint8Array(16);
  for (const [i, word] of words.entries()) putU32(bytes, 4 * i, word);
  return ipv6Text(bytes);
}
