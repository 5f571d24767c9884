/** Whose rows are whose: those that Flowloom made carry `external_ids:flowloom=OWNER`. */

export const ownerKey = 'flowloom';
/** Lists the other keys of external_ids that the file set, so that they go again when it no longer does. */
export const keysKey = 'flowloom-keys';

type Ids = ReadonlyMap<string, string>;

/** The external_ids of a row that we make, `extra` being what the file wants there. */
export function ownerIds(owner: string, extra?: unknown): Ids {
  const ids = new Map(extra instanceof Map ? (extra as Ids) : []);
  const keys = [...ids.keys()].sort().map(escaped).join(',');
  ids.set(ownerKey, owner);
  if (keys !== '') ids.set(keysKey, keys);
  return ids;
}

/** Whether the file set this key when the row was last written. */
export function isListedKey(ids: Ids, key: string): boolean {
  const listed = ids.get(keysKey);
  return listed?.split(',').includes(escaped(key)) === true;
}

/** A comma stands between keys, so none may stand in one. */
function escaped(key: string): string {
  return key.replaceAll('%', '%25').replaceAll(',', '%2C');
}

/** Rows of a table without external_ids belong to whom the row that refers to them belongs. */
export function isOwned(row: Readonly<Record<string, unknown>> | undefined, owner: string): boolean {
  if (row === undefined) return false;
  return row.external_ids === undefined || (row.external_ids as Ids).get(ownerKey) === owner;
}

/** Which other Flowloom's a row is, if one's. */
export function otherOwner(row: Readonly<Record<string, unknown>>, owner: string): string | undefined {
  const marked = (row.external_ids as Ids | undefined)?.get(ownerKey);
  return marked === owner ? undefined : marked;
}

/** In words whose a row is that is not ours; where it is another Flowloom's, both are named. */
export function ownerWords(row: Readonly<Record<string, unknown>>, owner: string): string {
  const other = otherOwner(row, owner);
  return other === undefined ? "not Flowloom's" : `another Flowloom's (its \`owner\` is ${other}, here it is ${owner})`;
}

/** Whether a row of a table with external_ids is ours. */
export function isMarked(row: Readonly<Record<string, unknown>>, owner: string): boolean {
  return (row.external_ids as Ids | undefined)?.get(ownerKey) === owner;
}

/** The keys of external_ids that are ours on a row of ours: the mark, and what the file set. */
export function marksOf(row: Readonly<Record<string, unknown>>): string[] {
  const ids = row.external_ids as Ids;
  return [...ids.keys()].filter((key) => key === ownerKey || key === keysKey || isListedKey(ids, key));
}
