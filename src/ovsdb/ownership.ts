/** Which rows are Flowloom's: those that it created carry external_ids:flowloom. */

export const ownerKey = 'flowloom';
export const ownerValue = '1';

/** The external_ids of a row that we create. */
export const ownerIds: ReadonlyMap<string, string> = new Map([[ownerKey, ownerValue]]);

export function isOwned(row: { readonly external_ids: ReadonlyMap<string, string> } | undefined): boolean {
  return row?.external_ids.has(ownerKey) === true;
}
