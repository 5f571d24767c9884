/**
 * Ids of groups and meters in a switch: 16 bits of the namespace, 16 a number that follows from the app and its own key. So an id is the same on every run, and what others have in the switch is told from ours.
 */

import type { Namespace } from '../namespace.ts';
import { createNumbering, type NumberMemory } from './numbering.ts';

export interface OwnIds {
  idOf(app: string, key: string): number;
  /** The app has no such group, or meter, any more. */
  release(app: string, key: string): void;
}

export function createOwnIds({ ids }: Namespace, memory?: NumberMemory): OwnIds {
  const numbers = createNumbering(0xffff, memory);
  return {
    idOf: (app, key) => ids * 0x1_0000 + numbers(`${app}\n${key}`),
    release(app, key) {
      numbers.release(`${app}\n${key}`);
    },
  };
}
