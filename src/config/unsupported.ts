/** What the file's form will hold one day and this version does not do: refused by name, never ignored. */

import { labelOf, type Path } from './path.ts';

const LATER: readonly { where: RegExp; key: string; instead: string }[] = [
  { where: /^$/, key: 'switches', instead: 'remove it and list the machines under `hosts`' },
  { where: /^bridges\.[^.]+$/, key: 'mirror', instead: 'write `mirrors: { NAME: { of: …, to: … } }`' },
];

/** What to do instead of a key of a later version; undefined for a key that is unknown altogether. */
export function insteadOf(path: Path, key: string): string | undefined {
  const label = labelOf(path);
  return LATER.find((entry) => entry.key === key && entry.where.test(label))?.instead;
}
