/**
 * Which bits the apps' own fields have: first fit in the order of loading, in the registers that the pipeline's own
 * leave (four of them together where a field has more than 32 bits), in ct_mark and in ct_label. What was given once is remembered, so an app more never moves another's.
 */

import { type FieldName, fieldRow } from '../../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../../proto/openflow/subfield.ts';
import { FlowError } from '../flow-error.ts';
import { PIPELINE_FIELDS } from '../pipeline-fields.ts';
import { meets } from '../wide-registers.ts';
import { takeBack } from './take-back.ts';

/** A field as an app declares it, by its own short name. */
export interface FieldSpec {
  bits: number;
  /** Lives with the packet in a register, the default; or with its connection in ct_mark or ct_label. */
  in?: 'ctMark' | 'ctLabel';
  /** What it says, for people. */
  text: string;
}

export interface OwnedField {
  /** `router.nextHop` */
  name: string;
  app: string;
  text: string;
  place: Subfield;
}

/** Where fields were put in earlier runs, by full name. */
export interface FieldMemory {
  entries(): Iterable<[name: string, place: Subfield]>;
  set(name: string, place: Subfield): void;
  delete(name: string): void;
}

export interface FieldPlan {
  readonly fields: ReadonlyMap<string, OwnedField>;
  /** `at`: where they are already, by full name. */
  allocate(app: string, specs: Readonly<Record<string, FieldSpec>>, at?: ReadonlyMap<string, Subfield>): void;
  release(app: string): void;
  /** Remembers who has what; the function given back makes it so again. */
  keep(): () => void;
  copy(): FieldPlan;
}

const CORE: readonly Subfield[] = Object.values(PIPELINE_FIELDS);
const ALL = Array.from({ length: 16 }, (_, n) => `reg${n}` as FieldName);
/** What the pipeline leaves of its own registers comes last, and after that what the segment leaves of the metadata. */
const REGISTERS: FieldName[] = [...ALL.filter(isNotCore), ...ALL.filter((name) => !isNotCore(name)), 'metadata'];
/** Of four registers each, for an IPv6 address. */
const WIDE_REGISTERS = Array.from({ length: 4 }, (_, n) => `xxreg${n}` as FieldName).filter(isNotCore);
const ROOM = {
  register: { fields: REGISTERS, width: 32, text: 'registers' },
  wideRegister: { fields: WIDE_REGISTERS, width: 128, text: 'registers' },
  ctMark: { fields: ['ctMark'] as FieldName[], width: 32, text: 'ct_mark' },
  ctLabel: { fields: ['ctLabel'] as FieldName[], width: 128, text: 'ct_label' },
} as const;

export function createFieldPlan(memory?: FieldMemory, from: Iterable<[string, OwnedField]> = []): FieldPlan {
  const fields = new Map(from);
  /** Those of apps that are not loaded now among them. */
  const remembered = new Map<string, Subfield>(memory?.entries() ?? []);
  for (const { name, place } of fields.values()) remembered.set(name, place);

  function placeOf(app: string, name: string, spec: FieldSpec): Subfield {
    const isWide = spec.in === undefined && spec.bits > ROOM.register.width;
    const room = ROOM[isWide ? 'wideRegister' : (spec.in ?? 'register')];
    if (!Number.isInteger(spec.bits) || spec.bits < 1 || spec.bits > room.width) {
      throw new FlowError(
        `app "${app}": field "${name}" has ${spec.bits} bits; in ${room.text} 1 to ${room.width} fit`,
      );
    }
    const living = [...CORE, ...Array.from(fields.values(), ({ place }) => place)];
    const before = remembered.get(name);
    const fits = before !== undefined && before.bits === spec.bits && room.fields.includes(before.field as FieldName);
    if (fits && isFree(before, living)) return before;
    const others = [...remembered].filter(([known]) => known !== name).map(([, place]) => place);
    const found = firstFit(room, spec.bits, [...living, ...others]) ?? firstFit(room, spec.bits, living);
    if (found !== undefined) return found;
    const owners = [...fields.values()].filter(({ place }) => !isFree(place, room.fields.map(wholeOf)));
    throw new FlowError(
      `app "${app}" wants ${spec.bits} bits in ${room.text} for field "${name}", and no run of so many is free beside those of ${owners
        .map((owner) => `app "${owner.app}" (${owner.name}, ${owner.place.bits})`)
        .join(', ')}`,
    );
  }

  return {
    fields,
    allocate(app, specs, at) {
      for (const [short, spec] of Object.entries(specs)) {
        const name = `${app}.${short}`;
        const place = at?.get(name) ?? placeOf(app, name, spec);
        fields.set(name, { name, app, text: spec.text, place });
        // What an app that is not loaded once had here is no longer its own.
        for (const [other, taken] of remembered) {
          if (isFree(place, [taken])) continue;
          remembered.delete(other);
          memory?.delete(other);
        }
        remembered.set(name, place);
        memory?.set(name, place);
      }
    },
    release(app) {
      for (const [name, field] of fields) if (field.app === app) fields.delete(name);
    },
    keep() {
      const kept = [...fields];
      const keptPlaces = [...remembered];
      return () => {
        fields.clear();
        for (const [name, field] of kept) fields.set(name, field);
        takeBack(remembered, keptPlaces, memory);
      };
    },
    copy: () =>
      createFieldPlan({ entries: () => [...remembered], set: () => undefined, delete: () => undefined }, fields),
  };
}

function firstFit(room: (typeof ROOM)[keyof typeof ROOM], bits: number, taken: Subfield[]): Subfield | undefined {
  for (const field of room.fields) {
    for (let offset = 0; offset + bits <= fieldRow(field).bits; offset++) {
      const place = { field, offset, bits };
      if (isFree(place, taken)) return place;
    }
  }
  return undefined;
}

function isNotCore(name: FieldName): boolean {
  return isFree(wholeOf(name), CORE);
}

function wholeOf(field: FieldName): Subfield {
  return { field, offset: 0, bits: fieldRow(field).bits };
}

function isFree(place: Subfield, taken: readonly Subfield[]): boolean {
  return !taken.some((other) => meets(place, other));
}
