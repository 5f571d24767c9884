/** Groups or meters of ours as they were thought to be, beside those that were read: id → content. */

const NOTHING: ReadonlySet<string> = new Set();

/** Ids of those that are not as they were thought to be; of the `changed`, by name, nothing is said. */
export function differing(
  kind: string,
  mirrored: ReadonlyMap<number, string>,
  found: ReadonlyMap<number, string>,
  changed: ReadonlySet<string>,
): Set<number> {
  const ids = new Set<number>();
  for (const [id, content] of found) if (mirrored.get(id) !== content) ids.add(id);
  for (const id of mirrored.keys()) if (!found.has(id)) ids.add(id);
  for (const id of ids) if (changed.has(`${kind} ${id}`)) ids.delete(id);
  return ids;
}

/** The same, and from now on they are thought to be as they were found. */
export function takeOthers(
  kind: string,
  mirrored: Map<number, string>,
  found: ReadonlyMap<number, string>,
  changed: ReadonlySet<string> = NOTHING,
): Set<number> {
  const different = differing(kind, mirrored, found, changed);
  for (const id of different) {
    const content = found.get(id);
    if (content === undefined) mirrored.delete(id);
    else mirrored.set(id, content);
  }
  return different;
}
