/** Shorewall's configuration files (shorewall-files(5)) as rows of columns, with variables and continued lines resolved. */

import type { Draft } from '../draft.ts';

export interface Row {
  /** `rules:12` */
  place: string;
  text: string;
  /** Of `rules`: which states of connections it is about; undefined: the file has no sections. */
  section: string | undefined;
  /** `-` is undefined, as what is missing. */
  columns: (string | undefined)[];
}

/** Reads a file of the folder; undefined: it is not there. */
export type ReadFile = (name: string) => string | undefined;

const DEEPEST = 16;

export function readTable(name: string, read: ReadFile, variables: ReadonlyMap<string, string>, draft: Draft): Row[] {
  const rows: Row[] = [];
  const tell = (place: string, text: string, why: string) => void draft.unmapped.push({ place, text, why });
  let section: string | undefined;

  function add(file: string, depth: number): void {
    const lines = (read(file) ?? '').split('\n');
    for (let i = 0; i < lines.length; i++) {
      const place = `${file}:${i + 1}`;
      let text = lines[i]!.replace(/#.*$/, '');
      while (text.endsWith('\\') && i + 1 < lines.length) text = continued(text, lines[++i]!.replace(/#.*$/, ''));
      text = text.trim().replaceAll(/\s+/g, ' ');
      if (text === '' || /^\??(FORMAT|COMMENT)\b/i.test(text)) continue;
      const begun = /^\??SECTION\s+(\w+)/i.exec(text)?.[1];
      if (begun !== undefined) {
        section = begun.toUpperCase();
        continue;
      }
      const included = /^\??INCLUDE\s+(\S+)/i.exec(text)?.[1];
      if (included !== undefined && depth < DEEPEST && read(included) !== undefined) add(included, depth + 1);
      else if (included !== undefined || text.startsWith('?'))
        tell(place, text, 'it is decided when Shorewall runs: write out what it says');
      else {
        const written = withVariables(text, variables);
        if (/\$/.test(written)) tell(place, text, 'its variable is in no `params`');
        else {
          const columns = written.split(/\s+/).map((word) => (word === '-' ? undefined : word));
          rows.push({ place, text, section, columns });
        }
      }
    }
  }

  add(name, 0);
  return rows;
}

/** Behind a comma or a colon the blanks that the next line begins with do not count. */
function continued(line: string, next: string): string {
  const begun = line.slice(0, -1);
  return /[,:]$/.test(begun) ? begun + next.trimStart() : `${begun} ${next}`;
}

/** `params`, and the settings of shorewall.conf: NAME=VALUE, as far as the shell is not needed for it. */
export function readParams(read: ReadFile, draft: Draft): Map<string, string> {
  const variables = new Map([['LOG_LEVEL', 'info']]);
  for (const file of ['shorewall.conf', 'params']) {
    for (const [i, line] of (read(file) ?? '').split('\n').entries()) {
      const text = line.replace(/#.*$/, '').trim();
      if (text === '') continue;
      const [, name, quoted, bare] = /^(?:export\s+)?(\w+)=(?:"([^"`]*)"|([^"`\s]*))$/.exec(text) ?? [];
      const value = quoted ?? bare;
      const isPlain = name !== undefined && value !== undefined && !value.includes('$(');
      if (isPlain) variables.set(name, withVariables(value, variables));
      else if (file === 'params') {
        draft.unmapped.push({ place: `params:${i + 1}`, text, why: 'only NAME=VALUE is understood' });
      }
    }
  }
  return variables;
}

function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? whole,
  );
}
