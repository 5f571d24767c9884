// Flows in text: ours are ovs-ofctl's bytes for the same text, and its text for the same bytes.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import { decodeMessage, encodeMessage } from '../../proto/openflow/message.ts';
import { FlowTextError } from '../../src/flow/text/flow-text-error.ts';
import { formatFlow, formatFlowMod, formatFlowStats } from '../../src/flow/text/format-flow.ts';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { captureFlowMods } from './capture-flow-mods.ts';
import { goldenText } from './golden-flows.ts';
import { ofpParse } from './ofctl.ts';
import { soundFlow } from './sound-flow.ts';

const syntax = readFileSync(new URL('../golden/flow-syntax.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'));
const lines = [...syntax, ...goldenText().flows];

/** ovs-ofctl sends another match for these than they say; ours says what they say, by another field. */
const OTHERWISE = new Map([
  ['table=10,priority=100,in_port=1,vlan_tci=0xe000/0xe000 actions=drop', { value: 0xe000, mask: 0xe000 }],
  ['vlan_tci=0x6009/0xe00f actions=drop', { value: 0x6009, mask: 0xe00f }],
  ['vlan_tci=0x3005/0x3fff actions=drop', { value: 0x3005, mask: 0x3fff }],
  ['vlan_tci=0x2000/0xe000 actions=drop', { value: 0x2000, mask: 0xe000 }],
  ['vlan_tci=0x0000/0xe000 actions=drop', { value: 0, mask: 0xe000 }],
]);

/** ovs-ofctl takes these, and sends something else than they say (without a condition, cut to fewer bits, or 0), or what no switch takes. */
const REFUSED = [
  'nw_src=192.0.2.1 actions=drop',
  'tcp_dst=80 actions=drop',
  'ip,nw_proto=2,tp_src=5 actions=drop',
  'arp,arp_op=257 actions=drop',
  'ip,reg0 actions=drop',
  'ip,reg0=0x actions=drop',
  'dl_vlan=4096 actions=drop',
  'dl_vlan_pcp=8 actions=drop',
  'vlan_vid=0x2005 actions=drop',
  'mpls,mpls_label=0x100005 actions=drop',
  'modify cookie=5,ip actions=drop',
  'ip actions=set_field:1->in_port_oxm',
  'dl_vlan=5 actions=set_field:6->vlan_vid',
  'dl_vlan=5 actions=set_field:6->dl_vlan',
  'ip actions=learn(vlan_vid=0x1005)',
  'ip actions=learn(priority=0x10)',
  'ip actions=multipath(nw_dst,0x10,modulo_n,2,0,reg0)',
  'actions=clone(output:1',
  'ip actions=ct(commit,nat(src=:80))',
  'actions=output:xxreg1',
  'actions=multipath(eth_src,0,hrw,4,0,xxreg1)',
  'actions=goto_table:255',
  'mpls actions=load:1->mpls_bos',
];

/** What ovs-ofctl prints of these says less than their bytes: read again it is another flow-mod, of the same effect. */
const SAYS_LESS: readonly [what: string, text: RegExp][] = [
  ['the length of a queued output', /enqueue/],
  [
    'that a match is of Ethernet packets',
    /eth,in_port|packet_type=\(0,0\)|eth_src=00:00:00:00:00:00\/00|vlan_tci=0xe000|^dl_vlan(_pcp)?=\*|0x1000,dl_vlan=\*|dl_src=\*/,
  ],
  ['whether a range of one address or port was given as one', /nat\(dst=1\.2\.3\.4:80-80\)/],
  ['whether an option was masked with ones', /tun_metadata0=0x1234\/0xffff/],
  ['whether a field that has no register load was set or loaded', /load:5->nsh_si/],
  ['whether userdata of no bytes was given', /userdata=\)/],
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Behind the transaction's number. */
const body = (bytes: Uint8Array) => hex(bytes.subarray(8));
const encoded = (mod: FlowMod) => encodeMessage({ ...mod, xid: 1 });

const blank = parseFlow('actions=drop');

let theirs: Uint8Array[] = [];
let decoded: FlowMod[] = [];

beforeAll(async () => {
  theirs = await captureFlowMods(lines);
  decoded = theirs.map((bytes) => decodeMessage(bytes) as unknown as FlowMod);
});

/** What differs, with its line. */
function differences(found: (line: string, at: number) => [ours: string, theirs: string]): string[] {
  return lines.flatMap((line, at) => {
    try {
      const [ours, theirs] = found(line, at);
      return ours === theirs ? [] : [`${line}\n  ours:   ${ours}\n  theirs: ${theirs}`];
    } catch (error) {
      return [`${line}\n  ${String(error)}`];
    }
  });
}

describe('the text of flows', () => {
  test('has every form of the syntax', () => {
    expect(syntax.length).toBeGreaterThan(300);
    expect(lines.length).toBeGreaterThan(600);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test('is read to the bytes that ovs-ofctl sends for it', () => {
    const wrong = differences((line, at) => {
      if (OTHERWISE.has(line)) return ['', ''];
      return [body(encoded(parseFlow(line))), body(theirs[at]!)];
    });
    expect(wrong).toEqual([]);
  });

  test('is printed as ovs-ofctl prints the same bytes', async () => {
    const printed = (await ofpParse(theirs, { brief: true })).map((text) => text.trim().replace(/^.*?\): /, ''));
    expect(differences((_, at) => [formatFlowMod(decoded[at]!), printed[at]!])).toEqual([]);
  });

  test('as printed is read to the same bytes again', () => {
    const wrong = differences((line, at) => {
      const again = body(encoded(parseFlow(formatFlow(decoded[at]!))));
      const lessSaid = SAYS_LESS.some(([, text]) => text.test(line));
      if (lessSaid) return [String(again !== body(theirs[at]!)), 'true'];
      return [again, body(theirs[at]!)];
    });
    expect(wrong).toEqual([]);
  });

  test('that ovs-ofctl sends as less or more is sent as it says', async () => {
    const found = [...OTHERWISE.keys()];
    const wrong = await captureFlowMods(found);
    for (const [at, line] of found.entries()) {
      const mod = parseFlow(line);
      expect(mod.match.vlanTci, line).toEqual(OTHERWISE.get(line));
      expect(body(encoded(mod)), line).not.toBe(body(wrong[at]!));
    }
    const printed = await ofpParse(
      found.map((line) => encoded(parseFlow(line))),
      { brief: true },
    );
    const shown = printed.map((text) => /vlan_tci=\S+/.exec(text)?.[0] ?? text);
    expect(shown).toEqual(found.map((line) => /vlan_tci=\S+/.exec(line)?.[0]));
  });

  test('that ovs-ofctl takes for something else is refused', async () => {
    expect(await captureFlowMods(REFUSED)).toHaveLength(REFUSED.length);
    for (const line of REFUSED) expect(() => parseFlow(line), line).toThrow(FlowTextError);
  });

  test('of any flow is the one that ovs-ofctl prints', async () => {
    const mods = fc
      .sample(soundFlow, 2000)
      .map(({ match, instructions }): FlowMod => ({ ...blank, match, instructions }));
    const printed = await ofpParse(mods.map(encoded), { brief: true });
    // A flow that Open vSwitch refuses has no text there.
    const known = printed.flatMap((text, at) => (text.includes('***decode error') ? [] : [at]));
    expect(known.length).toBeGreaterThan(1900);
    const wrong = known.flatMap((at) => {
      const theirs = printed[at]!.trim().replace(/^.*?\): /, '');
      const ours = formatFlowMod(mods[at]!);
      return ours === theirs ? [] : [`ours:   ${ours}\n  theirs: ${theirs}`];
    });
    expect(wrong).toEqual([]);
  });

  test('of a dump is that of dump-flows, and is read as the flow that it tells of', async () => {
    const stats = decoded.map((mod, at) => ({
      tableId: at % 255,
      durationSec: at,
      durationNsec: at % 3 === 0 ? 0 : at % 3 === 1 ? 1_000_000 * (at + 1) : 123_456_789 + at,
      priority: mod.priority,
      idleTimeout: mod.idleTimeout,
      hardTimeout: mod.hardTimeout,
      flags: mod.flags,
      importance: mod.importance,
      cookie: mod.cookie,
      packetCount: BigInt(at * 3),
      byteCount: BigInt(at * 1000),
      match: mod.match,
      instructions: mod.instructions,
    }));
    const messages = stats.map((flow) =>
      encodeMessage({ type: 'multipartReply', xid: 1, flags: [], kind: 'flow', reply: [flow] }),
    );
    const printed = (await ofpParse(messages, { brief: true })).map((text) => text.trim().split('\n').at(-1)!.trim());
    expect(differences((_, at) => [formatFlowStats(stats[at]!), printed[at]!])).toEqual([]);
    const read = differences((line, at) => {
      const mod = parseFlow(formatFlowStats(stats[at]!));
      const { tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie } = stats[at]!;
      const told = { tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie };
      const command = { command: 'add', cookieMask: 0n, outPort: 'any', outGroup: 'any' } as const;
      const wanted = encoded({ ...decoded[at]!, ...told, ...command });
      if (SAYS_LESS.some(([, text]) => text.test(line))) return ['', ''];
      return [body(encoded(mod)), body(wanted)];
    });
    expect(read).toEqual([]);
  });
});
