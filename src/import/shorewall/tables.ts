/** Shorewall's configuration files (shorewall-files(5)) as rows of columns, with variables and continued lines resolved. */

import type { Draft } from '../draft.ts';

export interface Row {
  /** `rules:12` */
  place: string;
  text: string;
  /** `-` is undefined, as what is missing. */
  columns: (string | undefined)[];
}

/** Reads a file of the folder; undefined: it is not there. */
export type ReadFile = (name: string) => string | undefined;

const DEEPEST = 16;

export function readTable(name: string, read: ReadFile, variables: ReadonlyMap<string, string>, draft: Draft): Row[] {
  const rows: Row[] = [];
  const tell = (place: string, text: string, why: string) => void draft.unmapped.push({ place, text, why });

  function add(file: string, depth: number): void {
    const lines = (read(file) ?? '').split('\n');
    for (let i = 0; i < lines.length; i++) {
      const place = `${file}:${i + 1}`;
      let text = lines[i]!.replace(/#.*$/, '');
      while (text.endsWith('\\') && i + 1 < lines.length)
        text = `${text.slice(0, -1)} ${lines[++i]!.replace(/#.*$/, '')}`;
      text = text.trim();
      if (text === '' || /^\??(SECTION|FORMAT|COMMENT)\b/i.test(text)) continue;
      const included = /^\??INCLUDE\s+(\S+)/i.exec(text)?.[1];
      if (included !== undefined && depth < DEEPEST && read(included) !== undefined) add(included, depth + 1);
      else if (included !== undefined || text.startsWith('?'))
        tell(place, text, 'it is decided when Shorewall runs: write out what it says');
      else {
        const written = withVariables(text, variables);
        if (/\$/.test(written)) tell(place, text, 'its variable is in no `params`');
        else rows.push({ place, text, columns: written.split(/\s+/).map((word) => (word === '-' ? undefined : word)) });
      }
    }
  }

  add(name, 0);
  return rows;
}

/** `params`: NAME=VALUE, as far as the shell is not needed for it. */
export function readParams(read: ReadFile, draft: Draft): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [i, line] of (read('params') ?? '').split('\n').entries()) {
    const text = line.replace(/#.*$/, '').trim();
    if (text === '') continue;
    const [, name, quoted, bare] = /^(?:export\s+)?(\w+)=(?:"([^"`]*)"|([^"`\s]*))$/.exec(text) ?? [];
    const value = quoted ?? bare;
    if (name === undefined || value === undefined || value.includes('$(')) {
      draft.unmapped.push({ place: `params:${i + 1}`, text, why: 'only NAME=VALUE is understood' });
    } else variables.set(name, withVariables(value, variables));
  }
  return variables;
}

function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? whole,
  );
}
