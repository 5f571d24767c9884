/** Random `learn` actions: flows that the switch makes of packets, with matches whose prerequisites are there. */

import type { Action } from '../../proto/openflow/action.ts';
import type { LearnSpec } from '../../proto/openflow/nicira/learn-spec.ts';
import type { FieldName } from '../../proto/openflow/oxm-fields.ts';
import { fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { fulfils } from '../../proto/openflow/prerequisites.ts';
import type { Random } from '../fuzz/random.ts';

type Known = Readonly<Record<string, unknown>>;

/** Field of the new flow's match, and where its value comes from. */
const MATCHES: readonly (readonly [to: FieldName, from: FieldName])[] = [
  ['ethDst', 'ethSrc'],
  ['ethSrc', 'ethSrc'],
  ['nxmInPort', 'nxmInPort'],
  ['vlanTci', 'vlanTci'],
  ['reg0', 'reg0'],
  ['ipv4Dst', 'ipv4Src'],
  ['ipv6Dst', 'ipv6Src'],
  ['tcpDst', 'tcpSrc'],
  ['udpDst', 'udpSrc'],
  ['udpSrc', 'udpDst'],
];
const whole = (field: FieldName) => ({ field, offset: 0 });

export function chooseLearn(
  random: Random,
  known: Known,
  { table, lastTable }: { table: number; lastTable: number },
): Action[] {
  const specs: LearnSpec[] = [];
  const learned: Record<string, unknown> = {};
  const needed: FieldName[] = ['ethType', 'ipProto'];
  for (const field of needed) {
    const value = known[field];
    if (typeof value !== 'number' || random.below(3) === 0) break;
    specs.push({ type: 'match', ...whole(field), bits: fieldRow(field).bits, source: { immediate: BigInt(value) } });
    learned[field] = value;
  }
  const count = 1 + random.below(2);
  for (let i = 0; i < count; i++) {
    const [to, from] = random.pick(MATCHES);
    if (learned[to] !== undefined || !stands(learned, to) || !stands(known, from)) continue;
    // Of a tag the number alone: the rest of the flow's match would need the bit that says that there is one.
    const bits = to === 'vlanTci' ? 12 : fieldRow(to).bits;
    specs.push({ type: 'match', ...whole(to), bits, source: whole(from) });
    learned[to] = true;
  }
  if (random.below(2) === 0) {
    specs.push({ type: 'load', ...whole('reg1'), bits: 16, source: whole(random.pick(['nxmInPort', 'reg0'])) });
  }
  if (random.below(3) === 0) specs.push({ type: 'load', ...whole('reg2'), bits: 32, source: { immediate: 5n } });
  if (random.below(4) > 0) specs.push({ type: 'output', bits: 16, source: whole('nxmInPort') });
  const common = {
    idleTimeout: random.pick([0, 60]),
    hardTimeout: random.pick([0, 300]),
    // Odd: no other flow has such, and which of two flows with one priority matches is not said.
    priority: 2 * random.below(30000) + 1,
    cookie: BigInt(random.pick([0, 0x77])),
    table:
      table < lastTable && random.below(5) > 0
        ? table + 1 + random.below(lastTable - table)
        : random.below(lastTable + 1),
    finIdleTimeout: 0,
    finHardTimeout: 0,
  };
  if (random.below(5) > 0) return [{ type: 'learn', flags: [], ...common, specs }];
  const limit = random.pick([0, 1, 2]);
  const resultDst = { field: 'reg3', offset: random.below(4), bits: 1 } as const;
  return random.below(2) === 0
    ? [{ type: 'learn2', flags: [], ...common, limit, specs }]
    : [{ type: 'learn2', flags: ['writeResult'], ...common, limit, resultDst, specs }];
}

function stands(known: Known, field: FieldName): boolean {
  const { prerequisite } = fieldRow(field);
  return prerequisite === undefined || fulfils(known, prerequisite);
}
