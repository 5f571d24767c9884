/** "did you mean": the known name nearest to a misspelt one. */

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** undefined where none is near enough to be meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 40) return undefined;
  const limit = word.length < 4 ? 1 : Math.ceil(word.length / 3);
  let best: { name: string; far: number } | undefined;
  for (const name of known) {
    if (Math.abs(name.length - word.length) > limit) continue;
    const changes = distance(word.toLowerCase(), name.toLowerCase());
    // Of two that are as near the one that begins alike: a first letter is seldom wrong.
    const far = changes + (name[0]?.toLowerCase() === word[0]?.toLowerCase() ? 0 : 0.5);
    if (changes <= limit && (best === undefined || far < best.far)) best = { name, far };
  }
  return best?.name;
}

/** What to do about an unknown word: the nearest known one, else all of them. */
export function suggestion(word: string, known: Iterable<string>, otherwise = ''): string {
  const names = [...known];
  const near = nearest(word, names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (names.length === 0 || names.length > 30) return otherwise === '' ? 'remove it' : otherwise;
  const list = `use one of ${names.join(', ')}`;
  return otherwise === '' ? list : `${otherwise}, or ${list}`;
}
