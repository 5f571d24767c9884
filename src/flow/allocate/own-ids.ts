/**
 * Ids of groups and meters in a switch: 8 bits that say Flowloom, 8 the owner, 16 a number that follows from the app and
 * its own key. So an id is the same on every run, and what others have in the switch is told from ours.
 */

import { createNumbering, type NumberMemory } from './numbering.ts';

/** OFPG_MAX is 0xffffff00, OFPM_MAX 0xffff0000. The owner is `main`. */
const OURS = 0x4c00;

export interface OwnIds {
  idOf(app: string, key: string): number;
  /** The app has no such group, or meter, any more. */
  release(app: string, key: string): void;
}

export function createOwnIds(memory?: NumberMemory): OwnIds {
  const numbers = createNumbering(0xffff, memory);
  return {
    idOf: (app, key) => OURS * 0x10000 + numbers(`${app}\n${key}`),
    release(app, key) {
      numbers.release(`${app}\n${key}`);
    },
  };
}

export function isOurId(id: number): boolean {
  return id >>> 16 === OURS;
}
