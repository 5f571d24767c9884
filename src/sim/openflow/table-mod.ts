/** OFPT_TABLE_MOD (OpenFlow 1.4, 7.3.3), and OFPT_TABLE_STATUS (7.4.5), which tells that a table fills or empties. */

import { u16, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { type FlowTable, type Vacancy, vacancyOf } from '../table/flow-table.ts';
import { ALL_TABLES, TABLES } from '../table/flow-tables.ts';
import { wants } from './async-config.ts';
import { BAD_PROPERTY, BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { tableDescription } from './stats.ts';

const FIRST_PROPERTY = 16;
const EVICTION_FLAG = 4;
const VACANCY_FLAG = 8;
const EVICTION = 2;
const VACANCY = 3;
const EXPERIMENTER = 0xffff;
const ALL_OF_IT = 100;

export function tableMod(core: SwitchCore, bytes: Uint8Array): Refusal | undefined {
  const tableId = bytes[8]!;
  const config = u32(bytes, 12);
  let down = 0;
  let up = 0;
  for (let at = FIRST_PROPERTY; at < bytes.length; ) {
    if (bytes.length - at < 4) return BAD_PROPERTY.badLen;
    const type = u16(bytes, at);
    const length = u16(bytes, at + 2);
    const end = at + ((length + 7) & ~7);
    if (length < 4 || end > bytes.length) return BAD_PROPERTY.badLen;
    if (type === EXPERIMENTER) return length < 12 ? BAD_PROPERTY.badLen : BAD_PROPERTY.badExpType;
    if (type !== EVICTION && type !== VACANCY) return BAD_REQUEST.badType;
    if (length !== 8) return BAD_PROPERTY.badLen;
    if (type === VACANCY) {
      down = bytes[at + 4]!;
      up = bytes[at + 5]!;
      if (down > up || up > ALL_OF_IT || bytes[at + 6] !== 0) return BAD_PROPERTY.badValue;
    }
    at = end;
  }
  if (tableId === TABLES) return { errorType: 'tableModFailed', code: 'eperm' };
  const eviction = (config & EVICTION_FLAG) !== 0;
  const wantsVacancy = (config & VACANCY_FLAG) !== 0;
  const last = tableId === ALL_TABLES ? TABLES - 1 : tableId;
  for (let each = tableId === ALL_TABLES ? 0 : tableId; each <= last; each++) {
    // A table that nobody has used yet, and that stays as it is, is not made for this.
    if (!eviction && !wantsVacancy && core.tables.peek(each) === undefined) continue;
    const table = core.tables.table(each);
    table.eviction = eviction;
    table.vacancy = wantsVacancy ? vacancyFrom(table, core.mostFlows(each), down, up) : undefined;
  }
  return undefined;
}

function vacancyFrom(table: FlowTable, mostFlows: number, down: number, up: number): Vacancy {
  return { down, up, awaited: vacancyOf(table, mostFlows) < up ? 'vacancyUp' : 'vacancyDown' };
}

export function tellVacancy(core: SwitchCore, table: FlowTable, reason: 'vacancyDown' | 'vacancyUp'): void {
  for (const link of core.links) {
    if (!link.greeted || !wants(link.async, 'tableStatus', reason, link.role === 'slave')) continue;
    link.send({ type: 'tableStatus', reason, table: tableDescription(core, table.tableId, table), xid: 0 });
  }
}
