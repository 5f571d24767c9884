/** Bits for the fields of apps: first fit, beside the pipeline's own, never moved by another app, refused by name. */

import { expect, test } from 'vitest';
import type { Subfield } from '../../../proto/openflow/subfield.ts';
import { createFieldPlan, type FieldMemory, type FieldSpec } from '../../../src/flow/allocate/field-plan.ts';
import { PIPELINE_FIELDS } from '../../../src/flow/pipeline-fields.ts';

const bits = (count: number, where?: FieldSpec['in']): FieldSpec => ({
  bits: count,
  ...(where === undefined ? {} : { in: where }),
  text: 'x',
});

function memory(): FieldMemory & { places: Map<string, Subfield> } {
  const places = new Map<string, Subfield>();
  return {
    ...{ places, entries: () => places },
    set: (name, place) => void places.set(name, place),
    delete: (name) => void places.delete(name),
  };
}

const placed = (plan: { fields: ReadonlyMap<string, { place: Subfield }> }) =>
  Object.fromEntries(
    [...plan.fields].map(([name, { place }]) => [name, `${place.field}[${place.offset}+${place.bits}]`]),
  );

test('first fit in the order of declaration, in registers that the pipeline leaves', () => {
  const plan = createFieldPlan();
  plan.allocate('a', { wide: bits(32), narrow: bits(3), half: bits(16), more: bits(20), rest: bits(13) });
  plan.allocate('b', { flag: bits(1, 'ctMark'), id: bits(32, 'ctLabel'), more: bits(31, 'ctMark') });
  expect(placed(plan)).toEqual({
    ...{ 'a.wide': 'reg5[0+32]', 'a.narrow': 'reg6[0+3]', 'a.half': 'reg6[3+16]' },
    ...{ 'a.more': 'reg7[0+20]', 'a.rest': 'reg6[19+13]' },
    ...{ 'b.flag': 'ctMark[0+1]', 'b.id': 'ctLabel[0+32]', 'b.more': 'ctMark[1+31]' },
  });
  const own = new Set<string>(Object.values(PIPELINE_FIELDS).map(({ field }) => field));
  expect([...plan.fields.values()].filter(({ place }) => own.has(place.field))).toEqual([]);
});

test('an app that comes or goes moves nobody, now or in a later run', () => {
  const kept = memory();
  const plan = createFieldPlan(kept);
  plan.allocate('a', { x: bits(20) });
  plan.allocate('b', { y: bits(20) });
  const before = placed(plan);
  plan.release('a');
  plan.allocate('c', { z: bits(20) });
  expect(placed(plan)).toEqual({ 'b.y': before['b.y'], 'c.z': 'reg7[0+20]' });

  // Another order, and one that was away: as it was.
  const later = createFieldPlan(kept);
  later.allocate('c', { z: bits(20) });
  later.allocate('a', { x: bits(20) });
  later.allocate('b', { y: bits(20) });
  expect(placed(later)).toEqual({ ...before, 'c.z': 'reg7[0+20]' });

  // Without that memory, the order of loading decides.
  const forgetful = createFieldPlan();
  forgetful.allocate('c', { z: bits(20) });
  expect(placed(forgetful)).toEqual({ 'c.z': 'reg5[0+20]' });
});

test('what an app that is not loaded once had is given away only when nothing else is left', () => {
  const plan = createFieldPlan();
  plan.allocate('old', { mark: bits(16, 'ctMark') });
  plan.release('old');
  plan.allocate('new', { mark: bits(16, 'ctMark') });
  expect(placed(plan)).toEqual({ 'new.mark': 'ctMark[16+16]' });
  plan.allocate('third', { mark: bits(8, 'ctMark') });
  expect(placed(plan)).toMatchObject({ 'third.mark': 'ctMark[0+8]' });
  plan.allocate('old', { small: bits(8, 'ctMark') });
  expect(() => plan.allocate('old', { mark: bits(16, 'ctMark') })).toThrow(
    'app "old" wants 16 bits in ct_mark for field "old.mark", and no run of so many is free beside those of app "new" (new.mark, 16), app "third" (third.mark, 8), app "old" (old.small, 8)',
  );
});

test('what was given away is forgotten by who had it, in the store too', () => {
  const kept = memory();
  const plan = createFieldPlan(kept);
  plan.allocate('old', { mark: bits(32, 'ctMark') });
  plan.release('old');
  plan.allocate('new', { mark: bits(8, 'ctMark') });
  expect([...kept.places.keys()]).toEqual(['new.mark']);
});

test('a field of other width gets another place; one that can not be is refused by name', () => {
  const plan = createFieldPlan();
  plan.allocate('a', { x: bits(8), y: bits(8) });
  plan.release('a');
  plan.allocate('a', { x: bits(9), y: bits(8) });
  expect(placed(plan)).toEqual({ 'a.x': 'reg5[16+9]', 'a.y': 'reg5[8+8]' });
  for (const [spec, why] of [
    [bits(129), 'app "b": field "b.f" has 129 bits; in registers 1 to 128 fit'],
    [bits(0), 'has 0 bits'],
    [bits(129, 'ctLabel'), 'in ct_label 1 to 128 fit'],
  ] as const) {
    expect(() => plan.allocate('b', { f: spec })).toThrow(why);
  }
});

test('a field of more than 32 bits has four registers together, and nobody else those', () => {
  const plan = createFieldPlan();
  plan.allocate('a', { address: bits(128) });
  expect(placed(plan)).toEqual({ 'a.address': 'xxreg3[0+128]' });
  const registers = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`r${n}`, bits(32)]));
  plan.allocate('b', registers);
  expect(Object.values(placed(plan)).filter((place) => /^reg1[2-5]/.test(place))).toEqual([]);
  expect(() => plan.allocate('c', { other: bits(32) })).toThrow('no run of so many is free');
  expect(() => plan.allocate('c', { other: bits(33) })).toThrow('beside those of app "a" (a.address, 128)');
});

test('a failed load is taken back', () => {
  const kept = memory();
  const plan = createFieldPlan(kept);
  plan.allocate('a', { x: bits(30) });
  const before = [...kept.places];
  const restore = plan.keep();
  plan.release('a');
  plan.allocate('b', { x: bits(32) });
  restore();
  expect(placed(plan)).toEqual({ 'a.x': 'reg5[0+30]' });
  expect([...kept.places]).toEqual(before);
  const copy = plan.copy();
  copy.allocate('c', { x: bits(2) });
  expect([...plan.fields.keys()]).toEqual(['a.x']);
});
