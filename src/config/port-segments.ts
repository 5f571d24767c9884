/** Which segments a port is in. Pure: what plans and reports read of the file as well. */
import type { Port } from './model.ts';

/** Each once, a trunk's native one last. */
export function segmentsOf({ vlans }: Pick<Port, 'vlans'>): string[] {
  if (vlans === undefined) return [];
  if (vlans.mode !== 'trunk') return [vlans.segment];
  const { segments, native } = vlans;
  return native === undefined || segments.includes(native) ? segments : [...segments, native];
}
