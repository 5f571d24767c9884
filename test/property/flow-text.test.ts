// Flows in ovs-ofctl's text: what is printed is read to the same flow, and no text raises anything but the one error.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../proto/openflow/action.ts';
import { type FlowMod, flowMod as flowModCodec } from '../../proto/openflow/flow-mod.ts';
import { type FlowStats, flowStats } from '../../proto/openflow/flow-stats.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { canonicalMatch } from '../../src/flow/canonical.ts';
import { actionWords } from '../../src/flow/text/action-list.ts';
import { FlowTextError } from '../../src/flow/text/flow-text-error.ts';
import { formatFlow, formatFlowMod, formatFlowStats } from '../../src/flow/text/format-flow.ts';
import { WIRE_ORDER } from '../../src/flow/text/match-order.ts';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { matchWords } from '../../src/flow/text/parse-match.ts';
import { soundFlow } from '../oracle/sound-flow.ts';
import { u16, u64 } from './arbitrary.ts';
import { generator } from './openflow-messages.ts';

const FLAGS = ['sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts'] as const;

const flowMod = fc
  .tuple(soundFlow, u64, u16, u16, u16, u16, fc.integer({ min: 0, max: 254 }), fc.subarray([...FLAGS]))
  .map(([{ match, instructions }, cookie, idleTimeout, hardTimeout, priority, importance, tableId, flags]): FlowMod => {
    const times = { idleTimeout, hardTimeout, priority, importance };
    const rest = { command: 'add', bufferId: NO_BUFFER, outPort: 'any', outGroup: 'any', cookieMask: 0n } as const;
    return { type: 'flowMod', cookie, tableId, ...times, ...rest, flags, match, instructions };
  });

const bytesOf = (mod: FlowMod) => Buffer.from(encodeMessage({ ...mod, xid: 1 })).toString('hex');

/** In the parser's order, with masks of ones left out. */
function canonical(match: Match): Match {
  const place = (name: string) => WIRE_ORDER.indexOf(name as (typeof WIRE_ORDER)[number]);
  const entries = Object.entries(canonicalMatch(match)).sort(([a], [b]) => place(a) - place(b));
  return Object.fromEntries(entries) as Match;
}

/** Fields whose text is that of another field, or says less than their bytes: how wide, which of two masks. */
const MANY_FORMS = /^(x+reg\d|vlanTci|nxm\w+|tunMetadata\d+|ipFrag)$/;

/** Actions whose text is that of others, which Open vSwitch would send in their place, or says less than their bytes. */
const REWRITTEN = new Set<Action['type']>([
  'setVlanVid',
  'setVlanPcp',
  'setDlSrc',
  'setDlDst',
  'setNwSrc',
  'setNwDst',
  'setNwTos',
  'setNwEcn',
  'setTpSrc',
  'setTpDst',
  'setMplsLabel',
  'setMplsTc',
  'setTunnel',
  'setTunnel64',
  'resubmit',
  'controller',
  'controller2',
  'copyField',
  'outputReg',
  'outputReg2',
  'regLoad2',
  'writeMetadata',
]);

function typesIn({ instructions }: FlowMod): Action['type'][] {
  const inside = (actions: readonly Action[]): Action['type'][] =>
    actions.flatMap((action) => [action.type, ...('actions' in action ? inside(action.actions) : [])]);
  return instructions.flatMap((instruction) => ('actions' in instruction ? inside(instruction.actions) : []));
}

describe('flows', () => {
  test('as printed are read to the same bytes', () => {
    const compared = { matches: 0, actions: 0 };
    const property = fc.property(flowMod, (mod) => {
      const read = parseFlow(formatFlow(mod));
      if (!Object.keys(mod.match).some((name) => MANY_FORMS.test(name))) {
        compared.matches++;
        expect(bytesOf({ ...read, match: canonical(read.match), instructions: [] })).toBe(
          bytesOf({ ...mod, match: canonical(mod.match), instructions: [] }),
        );
      }
      if (!typesIn(mod).some((type) => REWRITTEN.has(type))) {
        compared.actions++;
        expect(bytesOf({ ...read, match: {} })).toBe(bytesOf({ ...mod, match: {} }));
      }
    });
    fc.assert(property, { numRuns: 1000 });
    expect(Math.min(compared.matches, compared.actions)).toBeGreaterThan(300);
  });

  test('that were read once are read from their print to the same bytes, all of them', () => {
    const property = fc.property(flowMod, (mod) => {
      const read = parseFlow(formatFlow(mod));
      expect(bytesOf(parseFlow(formatFlow(read)))).toBe(bytesOf(read));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('whatever a switch may send', () => {
  test('of flow-mods has a text, which is read or refused', () => {
    const any = generator.of(flowModCodec) as fc.Arbitrary<FlowMod>;
    const property = fc.property(any, (mod) => {
      expect(formatFlowMod(mod)).toMatch(/ actions=./);
      tryOut(formatFlow(mod));
    });
    fc.assert(property, { numRuns: 1500 });
  });

  test('of flow statistics has a text, which is read or refused', () => {
    const any = generator.of(flowStats) as fc.Arbitrary<FlowStats>;
    fc.assert(
      fc.property(any, (flow) => void tryOut(formatFlowStats(flow))),
      { numRuns: 1500 },
    );
  });
});

/** Whatever the text, either a flow that has bytes, or the one error with a column in the text. */
function tryOut(text: string): 'read' | 'refused' {
  let mod: FlowMod;
  try {
    mod = parseFlow(text);
  } catch (error) {
    if (!(error instanceof FlowTextError)) throw new Error(`${JSON.stringify(text)} raised ${String(error)}`);
    expect(error.column).toBeGreaterThanOrEqual(1);
    expect(error.column).toBeLessThanOrEqual(text.length + 1);
    return 'refused';
  }
  try {
    encodeMessage({ ...mod, xid: 1 });
    formatFlow(mod);
  } catch (error) {
    throw new Error(`${JSON.stringify(text)} was read as what can't be sent: ${String(error)}`);
  }
  return 'read';
}

const golden = ['flows.txt', 'flow-syntax.txt'].flatMap((name) =>
  readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.includes('actions=')),
);

const SIGNS = ['=', ':', '(', ')', ',', ' ', '/', '->', '[', ']', '..', '+', '-', '|', '"', '\t'];
const VALUES = [
  '0',
  '1',
  '5',
  '0xff',
  '65535',
  '4294967295',
  '1.2.3.4',
  '::1',
  '00:11:22:33:44:55',
  'x',
  '0x',
  '-1',
  '*',
];
/** Members of every object. */
const INHERITED = ['constructor', '__proto__', 'toString'];
const token = fc.oneof(
  fc.constantFrom(...matchWords(), ...actionWords(), 'actions=', 'actions', 'table', 'priority', 'exec', 'nsh', 'tlv'),
  { arbitrary: fc.constantFrom(...SIGNS), weight: 2 },
  fc.constantFrom(...VALUES, ...INHERITED),
);

/** A piece of a line of the golden files taken out, doubled, or replaced by a piece of another. */
const mutated = fc
  .tuple(fc.constantFrom(...golden), fc.constantFrom(...golden), fc.nat(), fc.nat(9), fc.nat(), fc.nat(3), fc.string())
  .map(([line, other, from, length, at, kind, noise]) => {
    const start = from % (line.length + 1);
    const end = Math.min(line.length, start + length);
    const piece = other.slice(at % other.length, (at % other.length) + length);
    const between = [piece, '', line.slice(start, end).repeat(2), noise][kind]!;
    return line.slice(0, start) + between + line.slice(end);
  });

describe('hostile text', () => {
  test('of words in any order is read, or refused by the one error', () => {
    const text = fc.array(token, { maxLength: 24 }).map((tokens) => `actions=${tokens.join('')}`);
    fc.assert(
      fc.property(text, (found) => void tryOut(found)),
      { numRuns: 5000 },
    );
    const flow = fc.array(token, { maxLength: 12 }).map((tokens) => `${tokens.join('')},actions=drop`);
    fc.assert(
      fc.property(flow, (found) => void tryOut(found)),
      { numRuns: 5000 },
    );
  });

  test.for(INHERITED)('%s is no word of a flow', (word) => {
    for (const text of [`${word}=1 actions=drop`, `${word} actions=drop`, `actions=${word}`, `actions=ct(${word}=1)`]) {
      expect(tryOut(text)).toBe('refused');
    }
  });

  test('of any characters at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void tryOut(text)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => void tryOut(`ip,actions=${text}`)),
      { numRuns: 2000 },
    );
  });

  test('a little beside a flow', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(mutated, (text) => void outcomes[tryOut(text)]++),
      { numRuns: 10_000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(1000);
  });

  // What takes quadratic time would take hours of these.
  test.for([
    ['(', ''],
    ['clone(', ''],
    ['clone(1)', ''],
    ['a(b)', ''],
    [',', ''],
    ['1', ''],
    ['0x1', 'load:0x'],
    ['9', 'load:'],
    ['1', 'set_field:0x'],
    ['output:1,', ''],
    ['->', 'set_field:1'],
    ['[', 'move:reg0'],
    ['1:', 'set_field:'],
    ['1.', 'mod_nw_src:'],
    ['00.', 'note:'],
    ['+trk', 'drop,ct_state='],
    ['1,', 'bundle(eth_src,0,hrw,ofport,members:'],
    ['reg0=1,', 'learn('],
    ['x', ''],
  ])('of a million characters is read in time: %s', ([piece, before]) => {
    const text = `actions=${before}${piece!.repeat(Math.ceil(1_000_000 / piece!.length))}`;
    const start = performance.now();
    try {
      parseFlow(text);
    } catch (error) {
      if (!(error instanceof FlowTextError)) throw error;
      expect(error.explained.length).toBeLessThan(1000);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('of a million characters in a match is read in time', () => {
    for (const piece of [
      'ip,',
      'reg0=1,',
      'ct_state=+trk',
      'ct_state=trk|',
      '0',
      '=',
      '[',
      'a',
      ' ',
      'actions',
      '1:',
    ]) {
      const text = `${piece.repeat(Math.ceil(1_000_000 / piece.length))} actions=drop`;
      const start = performance.now();
      try {
        parseFlow(text);
      } catch (error) {
        if (!(error instanceof FlowTextError)) throw error;
        expect(error.explained.length).toBeLessThan(1000);
      }
      expect(performance.now() - start, piece).toBeLessThan(10_000);
    }
  });
});
