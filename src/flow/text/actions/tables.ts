/** Actions that go to tables and groups of actions: resubmit, clone, and what else steers the pipeline (ovs-actions(7)). */

import type { Action } from '../../../../proto/openflow/action.ts';
import { fault, shortened } from '../fault.ts';
import { formatHexOctets, parseHexOctets } from '../hex-octets.ts';
import { hexOrZero, numberIn } from '../numbers.ts';
import { formatPort, parsePort, parseTable, shortPort } from '../port-words.ts';
import { arrow, cut, isEmpty, part, textOf, trimmed } from '../slice.ts';
import { formatSubfield, parseSubfield } from '../subfield.ts';
import type { Word } from '../words.ts';
import { type ActionOf, type Actions, alone, type Context, options } from './kinds.ts';

const CURRENT_TABLE = 255;

type Resubmit = { inPort: ActionOf<'resubmitTable'>['inPort']; table: number };

function formatResubmit({ inPort, table }: Resubmit, tail = ''): string {
  const port = inPort === 'inPort' ? '' : formatPort(inPort);
  if (table === CURRENT_TABLE && port !== '' && tail === '') return `resubmit:${port}`;
  return `resubmit(${port},${table === CURRENT_TABLE ? '' : table}${tail})`;
}

function parseResubmit({ key, value }: Word, { names }: Context): Action[] {
  const [port, table, tail, more] = cut(value, ',').map(trimmed);
  const inPort = port === undefined || isEmpty(port) ? 'inPort' : shortPort(parsePort(port, names));
  const stays = table === undefined || isEmpty(table) || textOf(table) === String(CURRENT_TABLE);
  const found = stays ? CURRENT_TABLE : parseTable(table, names);
  if (inPort === 'inPort' && found === CURRENT_TABLE) {
    throw fault(key, 'resubmit(PORT,TABLE) needs a port, a table or both');
  }
  if (more !== undefined) throw fault(more, 'nothing follows "ct" in resubmit');
  if (tail === undefined || isEmpty(tail)) return [{ type: 'resubmitTable', inPort, table: found } as Action];
  if (textOf(tail) !== 'ct') throw fault(tail, `"${shortened(textOf(tail))}" means nothing in resubmit; "ct" does`);
  return [{ type: 'resubmitTableCt', inPort, table: found } as Action];
}

function parseConjunction({ value }: Word): Action[] {
  const [id, clauses, more] = cut(value, ',').map(trimmed);
  const [clause, count] = clauses === undefined ? [] : cut(clauses, '/').map(trimmed);
  if (id === undefined || clause === undefined || count === undefined || more !== undefined) {
    throw fault(value, 'conjunction(ID,CLAUSE/COUNT) needs all three');
  }
  const nClauses = numberIn(count, 8, 'the number of clauses');
  const number = numberIn(clause, 8, 'a clause');
  if (nClauses < 2 || nClauses > 64) throw fault(count, 'a conjunction has 2 to 64 clauses');
  if (number < 1 || number > nClauses) throw fault(clause, `clauses count from 1 to ${nClauses} here`);
  return [{ type: 'conjunction', clause: number - 1, nClauses, id: numberIn(id, 32, 'the id') }];
}

function parseCheckPktLarger({ value }: Word): Action[] {
  const sides = arrow(value);
  if (sides === undefined) throw fault(value, 'check_pkt_larger is written check_pkt_larger(BYTES)->FIELD[BIT]');
  const [before, after] = sides;
  const close = textOf(before).endsWith(')') ? part(before, 0, before.end - before.start - 1) : before;
  const to = parseSubfield(after);
  if (to.bits !== 1) throw fault(after, `the result is one bit, not ${to.bits}`);
  return [{ type: 'checkPktLarger', pktLen: numberIn(close, 16, 'the length'), to }];
}

function parseDecTtl({ value }: Word): Action[] {
  if (isEmpty(trimmed(value))) return [{ type: 'decNwTtl' }];
  const ids = cut(value, ', ').filter((id) => !isEmpty(id));
  return [{ type: 'decTtlCntIds', ids: ids.map((id) => numberIn(id, 16, 'a controller id')) }];
}

function parseFinTimeout({ value }: Word): Action[] {
  const action = { type: 'finTimeout' as const, finIdleTimeout: 0, finHardTimeout: 0 };
  options(value, 'fin_timeout', {
    idle_timeout: (word) => {
      action.finIdleTimeout = numberIn(word.value, 16, 'idle_timeout');
    },
    hard_timeout: (word) => {
      action.finHardTimeout = numberIn(word.value, 16, 'hard_timeout');
    },
  });
  return [action];
}

function formatFinTimeout({ finIdleTimeout, finHardTimeout }: ActionOf<'finTimeout'>): string {
  const parts: string[] = [];
  if (finIdleTimeout !== 0) parts.push(`idle_timeout=${finIdleTimeout}`);
  if (finHardTimeout !== 0) parts.push(`hard_timeout=${finHardTimeout}`);
  return `fin_timeout(${parts.join(',')})`;
}

/** What no name of ours has: its code or experimenter, and its bytes. Open vSwitch has no text for it. */
function parseRaw(type: 'experimenter' | 'unknown', { value }: Word): Action[] {
  let number = 0;
  let body = new Uint8Array();
  const id = (word: Word) => {
    number = numberIn(word.value, type === 'unknown' ? 16 : 32, 'the number');
  };
  options(value, type, {
    [type === 'unknown' ? 'code' : 'id']: id,
    body: (word) => {
      body = Uint8Array.from(parseHexOctets(word.value, 'body'));
    },
  });
  return [type === 'unknown' ? { type, code: number, body } : { type, experimenter: number, body }];
}

const ALONE = alone({
  exit: 'exit',
  ctClear: 'ct_clear',
  debugSlow: 'debug_slow',
  debugRecirc: 'debug_recirc',
});

export const STEERING: Actions = {
  print: {
    ...ALONE.print,
    resubmit: ({ inPort }) => formatResubmit({ inPort, table: CURRENT_TABLE }),
    resubmitTable: (action) => formatResubmit(action),
    resubmitTableCt: (action) => formatResubmit(action, ',ct'),
    clone: ({ actions }, print) => `clone(${print(actions)})`,
    conjunction: ({ id, clause, nClauses }) => `conjunction(${id},${clause + 1}/${nClauses})`,
    checkPktLarger: ({ pktLen, to }) => `check_pkt_larger(${pktLen})->${formatSubfield(to)}`,
    decNwTtl: () => 'dec_ttl',
    decTtlCntIds: ({ ids }) => `dec_ttl(${ids.join(',')})`,
    finTimeout: formatFinTimeout,
    note: ({ note }) => `note:${formatHexOctets(note)}`,
    writeMetadata: ({ metadata, mask }) => formatWriteMetadata(metadata, mask),
    experimenter: ({ experimenter, body }) =>
      `experimenter(id=${hexOrZero(experimenter)},body=${formatHexOctets(body)})`,
    unknown: ({ code, body }) => `unknown(code=${code},body=${formatHexOctets(body)})`,
  },
  parse: {
    ...ALONE.parse,
    resubmit: parseResubmit,
    clone: ({ value }, context) => [{ type: 'clone', actions: context.list(value, 'clone') }],
    conjunction: parseConjunction,
    check_pkt_larger: parseCheckPktLarger,
    dec_ttl: parseDecTtl,
    fin_timeout: parseFinTimeout,
    note: ({ value }) => [{ type: 'note', note: parseHexOctets(value, 'note') }],
    experimenter: (word) => parseRaw('experimenter', word),
    unknown: (word) => parseRaw('unknown', word),
  },
};

export function formatWriteMetadata(metadata: bigint, mask: bigint): string {
  return `write_metadata:${hexOrZero(metadata)}${mask === 0xffff_ffff_ffff_ffffn ? '' : `/${hexOrZero(mask)}`}`;
}
