/** The tables that an earlier run has left in a switch: before the first weaving, names lead where they led then. */

import { isOursHalf, isStateHalf } from '../cookie.ts';
import { cookieHalf } from '../flow-bytes.ts';
import type { FlowView } from '../flow-index.ts';
import type { Namespace } from '../namespace.ts';
import type { FlowTexts } from './desired.ts';

/** Of 255; the last is no table. */
const TABLES = 254;

/** Gives their ids, in order. A table that only `learn` writes is none that a packet is led to. */
export function createStandingTables(namespace: Namespace, standing: FlowView<FlowTexts>): () => readonly number[] {
  let tables: number[] = [];
  let size = -1;

  function isLeftIn(id: number): boolean {
    for (const { content } of standing.inTable(id)) {
      const half = cookieHalf(content);
      if (isOursHalf(namespace, half) && !isStateHalf(namespace, half)) return true;
    }
    return false;
  }

  return () => {
    if (standing.size !== size) tables = Array.from({ length: TABLES }, (_, id) => id).filter(isLeftIn);
    size = standing.size;
    return tables;
  };
}
