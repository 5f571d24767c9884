/** Patterns of names as a shell has them: `*` is any run of characters, also none; `?` is any one of them. */

export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** Never takes longer than both lengths multiplied: only the last `*` is ever tried again. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
