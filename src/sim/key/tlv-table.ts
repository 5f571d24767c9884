/** Which tunnel option is which of the fields tunMetadata0 to 63, and where in a key (nicira-ext.h, NXT_TLV_TABLE_MOD). */

import type { TlvMap } from '../../../proto/openflow/nicira/tlv-table.ts';
import type { FieldName } from '../../../proto/openflow/oxm-fields.ts';
import { OPTION_WORDS, type Place, placeOf, WORD } from './layout.ts';

export interface TlvTable {
  readonly maps: readonly TlvMap[];
  /** The code of the error (`nx_tlv_table`), or undefined where it is done. */
  add(maps: readonly TlvMap[]): TlvTableFault | undefined;
  delete(maps: readonly TlvMap[]): TlvTableFault | undefined;
  clear(): void;
  /** Where a field lies; undefined where Open vSwitch knows none such, or the table has no such option. */
  placeOf(name: FieldName): Place | undefined;
  /** Of a tunnel option: the bit that says that there is one. */
  presenceOf(name: FieldName): Place | undefined;
}

export type TlvTableFault = 'badCommand' | 'badOptLen' | 'badFieldIdx' | 'tableFull' | 'alreadyMapped' | 'dupEntry';

const FIELDS = 64;
const PREFIX = 'tunMetadata';

export function createTlvTable(): TlvTable {
  const maps: TlvMap[] = [];
  const starts = new Map<number, number>();

  /** The first run of so many words that no option has. */
  function room(words: number): number | undefined {
    const taken = maps.map(({ index, optionLen }) => [starts.get(index)!, starts.get(index)! + optionLen / 4] as const);
    for (let start = 0; start + words <= OPTION_WORDS; start++) {
      if (taken.every(([from, to]) => start >= to || start + words <= from)) return start;
    }
    return undefined;
  }

  function faultOf({ optionClass, optionType, optionLen, index }: TlvMap): TlvTableFault | undefined {
    if (index >= FIELDS) return 'badFieldIdx';
    if (optionLen === 0 || optionLen % 4 !== 0 || optionLen > 124) return 'badOptLen';
    if (starts.has(index)) return 'alreadyMapped';
    if (maps.some((each) => each.optionClass === optionClass && each.optionType === optionType)) return 'dupEntry';
    return undefined;
  }

  function remove(index: number): void {
    const at = maps.findIndex((each) => each.index === index);
    if (at >= 0) maps.splice(at, 1);
    starts.delete(index);
  }

  const indexOf = (name: FieldName) => (name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : undefined);

  return {
    maps,
    add(added) {
      const before = [...maps];
      for (const map of added) {
        const start = room(map.optionLen / 4);
        const fault = faultOf(map) ?? (start === undefined ? 'tableFull' : undefined);
        if (fault !== undefined) {
          for (const { index } of maps.slice(before.length)) starts.delete(index);
          maps.splice(before.length);
          return fault;
        }
        maps.push(map);
        starts.set(map.index, start!);
      }
      return undefined;
    },
    delete(removed) {
      for (const { index } of removed) {
        if (index >= FIELDS || !starts.has(index)) return 'badFieldIdx';
      }
      for (const { index } of removed) remove(index);
      return undefined;
    },
    clear() {
      maps.length = 0;
      starts.clear();
    },
    placeOf(name) {
      const index = indexOf(name);
      if (index === undefined) return placeOf(name);
      const map = maps.find((each) => each.index === index);
      if (map === undefined) return undefined;
      const words = map.optionLen / 4;
      return { last: WORD.options + starts.get(index)! + words - 1, shift: 0, bits: 8 * map.optionLen };
    },
    presenceOf(name) {
      const index = indexOf(name);
      return index === undefined ? undefined : { last: WORD.optionsPresent + 1, shift: index, bits: 1 };
    },
  };
}
