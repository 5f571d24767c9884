/** Reads `segments`: broadcast domains, their VLAN, VNI and the number that the pipeline carries. */

import { networkText, parseIpPrefix } from '../../proto/wire/prefix.ts';
import type { Findings } from './findings.ts';
import { fnv1a32 } from './hash.ts';
import type { Host, Segment } from './model.ts';
import { readOverlay } from './overlay.ts';
import type { FileForm } from './schema-file.ts';

/** Segments without a VLAN are numbered from here on; what is below is the VLAN itself. */
const FIRST_FREE = 4096;
/** Keeps 65535 free. */
const FREE_IDS = 61_439;

export function readSegments(form: FileForm, hosts: readonly Host[], findings: Findings): Segment[] {
  const entries = Object.entries(form.segments ?? {});
  const ipv6 = hosts.some(({ underlay }) => underlay?.includes(':'));
  const ids = freeIds(entries.filter(([, given]) => given?.vlan === undefined).map(([name]) => name));
  const segments = entries.map(([name, given]): Segment => {
    const path = ['segments', name];
    return {
      name,
      source: findings.source(path),
      id: given?.vlan ?? ids.get(name)!,
      vlan: given?.vlan,
      subnets: [given?.subnet ?? []].flat().map((text) => networkText(parseIpPrefix(text)!)),
      overlay: readOverlay(name, given, ipv6, findings),
      zone: 0,
    };
  });

  const vlans = new Map<number, string>();
  const vnis = new Map<string, string>();
  for (const { name, vlan, overlay } of segments) {
    if (vlan !== undefined) {
      const other = vlans.get(vlan);
      if (other === undefined) vlans.set(vlan, name);
      else
        findings.problem(
          ['segments', name, 'vlan'],
          `segment ${name}: VLAN ${vlan} is segment ${other}'s`,
          'give each segment its own VLAN',
        );
    }
    if (overlay !== undefined) {
      const key = `${overlay.type} ${overlay.vni}`;
      const other = vnis.get(key);
      if (other === undefined) vnis.set(key, name);
      else
        findings.problem(
          ['segments', name, 'overlay', 'vni'],
          `segment ${name}: VNI ${overlay.vni} is segment ${other}'s`,
          'give each overlay its own `vni`',
        );
    }
  }
  return segments;
}

/** A stable number for each name: its hash, or the next that is free, the names taken in sorted order. */
export function freeIds(names: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of names.toSorted()) {
    let offset = fnv1a32(name) % FREE_IDS;
    while (taken.has(offset)) offset = (offset + 1) % FREE_IDS;
    taken.add(offset);
    ids.set(name, FIRST_FREE + offset);
  }
  return ids;
}
