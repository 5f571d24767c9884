/**
 * Whose flows, groups and meters are whose in a switch: 16 bits of each cookie and of each id, of which 8 say Flowloom and
 * 8 follow from its `owner`, so that two Flowlooms with two owners leave each other's alone.
 */

import { hash } from 'node:crypto';

export interface Namespace {
  readonly owner: string;
  /** The upper 16 bits of cookies. */
  readonly cookies: number;
  /** The upper 16 bits of ids of groups and meters. OFPG_MAX is 0xffffff00, OFPM_MAX 0xffff0000. */
  readonly ids: number;
}

const COOKIES = 0xf1;
const IDS = 0x4c;

/** `main` has 0, any other owner 1 to 255: one in 255 pairs of owners has the same, and they can't be told apart. */
export function namespaceOf(owner: string): Namespace {
  const own = owner === 'main' ? 0 : 1 + (hash('sha256', owner, 'buffer').readUInt32BE() % 255);
  return { owner, cookies: COOKIES * 0x100 + own, ids: IDS * 0x100 + own };
}

/** Of a Flowloom whose file names no owner. */
export const MAIN: Namespace = namespaceOf('main');

/** Of a group or a meter. */
export function isOurId({ ids }: Namespace, id: number): boolean {
  return id >>> 16 === ids;
}
