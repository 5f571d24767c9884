/** Shorewall's `nat`, and `masq` or `snat`, as rules of NAT. */

import { networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { addAddress, type Draft } from '../draft.ts';
import type { Zones } from './rules.ts';
import type { Row } from './tables.ts';

/** shorewall-nat(5): EXTERNAL INTERFACE INTERNAL */
export function readOneToOne({ place, columns }: Row, draft: Draft, { deviceNamed }: Zones): string | undefined {
  const [external, written = '', internal] = columns;
  if (external === undefined || internal === undefined) return 'it names no two addresses';
  const device = deviceNamed(written.split(':')[0]!);
  if (device === undefined) return `\`${written}\` is no device of \`interfaces\``;
  addAddress(draft, device, external);
  draft.nat.push({ text: `one-to-one ${external} with ${internal}`, place });
  return undefined;
}

/** shorewall-masq(5), of Shorewall 4: INTERFACE[:DEST] SOURCE [ADDRESS] */
export function readMasq(row: Row, draft: Draft, zones: Zones): string | undefined {
  const [out = '', source, address, ...more] = row.columns;
  return translate(row, draft, zones, { out, source, address, more });
}

/** shorewall-snat(5): MASQUERADE[(PORTS)] or SNAT(ADDRESS[:PORTS]), SOURCE, DEST */
export function readSnat(row: Row, draft: Draft, zones: Zones): string | undefined {
  const [action = '', source, dest = '', ...more] = row.columns;
  const [, verb, given, after = ''] = /^(MASQUERADE|SNAT)(?:\(([^)]*)\))?(.*)$/.exec(action) ?? [];
  if (verb === undefined || /[^+]/.test(after.replace(/^:.*$/, ''))) return `action ${action} has no counterpart`;
  const address = verb === 'SNAT' ? (given ?? '') : given === undefined ? undefined : `:${given}`;
  return translate(row, draft, zones, { out: dest, source, address, more });
}

interface Translation {
  out: string;
  source: string | undefined;
  /** With its ports: `192.0.2.1:1024-2000`, `:1024-2000`; undefined: the device's. */
  address: string | undefined;
  more: (string | undefined)[];
}

function translate(
  row: Row,
  draft: Draft,
  { router, deviceNamed }: Zones,
  { out, source, address: given, more }: Translation,
): string | undefined {
  const [written = '', destination] = out.split(':');
  if (more.some((each) => each !== undefined)) return 'translation by protocol or port has no counterpart';
  if (destination !== undefined && !/^\d?$/.test(destination))
    return 'translation by destination: write `exempt` for the others';
  const device = deviceNamed(written);
  if (device === undefined) return `\`${written}\` is no device of \`interfaces\``;
  const sources = (source ?? '0.0.0.0/0')
    .split(',')
    .flatMap((each) => prefixesBehind(deviceNamed(each) ?? each, draft));
  if (sources.some((each) => each === undefined)) return `the prefixes behind ${source} are not known: write them`;
  const [address = '', ports] = (given === 'detect' ? '' : (given ?? '')).split(':');
  const range = ports === undefined ? '' : ` ports ${ports}`;
  if (address !== '') addAddress(draft, device, address);
  for (const from of sources) {
    const text = address === '' ? `masquerade ${from}` : `snat ${from} to ${address}`;
    draft.nat.push({ text: `${text} out ${router}/${device}${range}`, place: row.place });
  }
  return undefined;
}

/** A device stands for what is behind it. */
function prefixesBehind(source: string, draft: Draft): (string | undefined)[] {
  if (/^[\d.]+\/\d+$/.test(source)) return [source];
  if (/^[\d.]+$/.test(source)) return [`${source}/32`];
  const device = draft.devices.get(source);
  const networks = (device?.addresses ?? []).filter((each) => !each.endsWith('/32')).map(networkOf);
  return networks.length > 0 ? networks : [undefined];
}

function networkOf(text: string): string {
  return networkText(parseIpPrefix(text)!);
}
