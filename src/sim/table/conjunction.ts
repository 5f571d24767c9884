/** Conjunctive matches (ovs-actions(7), conjunction): which of them a packet fulfils, by the flows that are their parts. */

/** One dimension of one conjunction; `clause` counts from 0. */
export interface Conjunction {
  id: number;
  clause: number;
  nClauses: number;
}

/** The id of one of which every clause is there. */
export function conjunctionIn(parts: readonly Conjunction[]): number | undefined {
  if (parts.length < 2) return undefined;
  const missing = new Map<number, Set<number>>();
  for (const { id, clause, nClauses } of parts) {
    let clauses = missing.get(id);
    if (clauses === undefined) {
      clauses = new Set(Array(nClauses).keys());
      missing.set(id, clauses);
    }
    clauses.delete(clause);
    if (clauses.size === 0) return id;
  }
  return undefined;
}
