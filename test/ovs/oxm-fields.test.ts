// Every field that a real ovs-vswitchd says it has is in our table, with a mask where it takes one.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FIELD_NAMES, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { type LiveSwitch, startLiveSwitch } from './live-switch.ts';

let live: LiveSwitch;
beforeAll(async () => {
  live = await startLiveSwitch();
});
afterAll(() => live.stop());

/** Newer names of fields that Open vSwitch still prints by the old ones, as our table does. */
const PRINTED_AS: Readonly<Record<string, string>> = {
  eth_src: 'dl_src',
  eth_dst: 'dl_dst',
  eth_type: 'dl_type',
  vlan_pcp: 'dl_vlan_pcp',
  ip_src: 'nw_src',
  ip_dst: 'nw_dst',
  in_port_oxm: 'in_port',
};

/** Fields of OpenFlow 1.4 that Open vSwitch 3.1 does not have. */
const NOT_IN_OVS = ['in_phy_port', 'pbb_isid', 'pbb_uca', 'ipv6_exthdr'];

/** `tun_{id,ipv6_{src,dst},metadata0...metadata2}` as the names that it stands for. */
function expanded(text: string): string[] {
  const open = text.indexOf('{');
  if (open < 0) {
    const range = /^(.*?)(\d+)\.\.\.\1?(\D*?)(\d+)$/.exec(text);
    if (range === null) return [text];
    const [, prefix, first, , last] = range;
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `${prefix}${Number(first) + i}`);
  }
  const close = text.lastIndexOf('}');
  const parts: string[] = [''];
  let depth = 0;
  for (const letter of text.slice(open + 1, close)) {
    if (letter === '{') depth++;
    if (letter === '}') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.flatMap(expanded).map((name) => text.slice(0, open) + name + text.slice(close + 1));
}

test('the table of fields has all of Open vSwitch, and nothing that it does not have', async () => {
  const features = await live.ofctl('dump-table-features');
  const fieldsOf = (what: string): string[] => {
    const line = new RegExp(`^ +${what}: (.*)$`, 'm').exec(features)?.[1] ?? '';
    return [
      ...new Set(
        line
          .split(' ')
          .flatMap(expanded)
          .map((name) => PRINTED_AS[name] ?? name),
      ),
    ].sort();
  };
  const rows = FIELD_NAMES.map(fieldRow).filter(({ ovs }) => !NOT_IN_OVS.includes(ovs));
  const oursOf = (maskable: boolean): string[] =>
    [...new Set(rows.filter((row) => row.maskable === maskable).map(({ ovs }) => ovs))].sort();
  expect(oursOf(true)).toEqual(fieldsOf('arbitrary mask'));
  expect(oursOf(false)).toEqual(fieldsOf('exact match or wildcard'));
});
