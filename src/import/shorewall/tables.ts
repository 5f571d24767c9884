/** Shorewall's configuration files (shorewall-files(5)) as rows of columns, with variables and continued lines resolved. */

import type { Draft } from '../draft.ts';

export interface Row {
  /** `rules:12` */
  place: string;
  text: string;
  /** `-` is undefined, as what is missing. */
  columns: (string | undefined)[];
  /** Of `rules`: `NEW` where none is written. */
  section: string;
}

/** Reads a file of the folder; undefined: it is not there. */
export type ReadFile = (name: string) => string | undefined;

const DEEPEST = 16;
/** What lies between them is decided when Shorewall runs, or is a program. */
const BEGINS = /^(\?IF\b|\??BEGIN\s+(PERL|SHELL)\b)/i;
const ENDS = /^(\?ENDIF\b|\??END(\s+(PERL|SHELL))?\s*$)/i;

export function readTable(name: string, read: ReadFile, variables: Map<string, string>, draft: Draft): Row[] {
  const rows: Row[] = [];
  const tell = (place: string, text: string, why: string) => void draft.unmapped.push({ place, text, why });
  let section = 'NEW';
  /** How many conditions or programs are open. */
  let open = 0;

  function add(file: string, depth: number): void {
    for (const { place, text } of linesOf(file, read)) {
      const [, included] = /^\??INCLUDE\s+(\S+)/i.exec(text) ?? [];
      const [, begun] = /^\??SECTION\s+(\S+)/i.exec(text) ?? [];
      const [, set, value] = /^\?SET\s+\$?(\w+)\s+"?([\w.,:/-]+)"?$/i.exec(text) ?? [];
      if (BEGINS.test(text)) open++;
      if (open > 0 || /^\?(ELSE|ELSIF|ENDIF|END)\b/i.test(text)) {
        tell(place, text, 'it is decided when Shorewall runs: write out what it says');
        if (ENDS.test(text)) open = Math.max(0, open - 1);
      } else if (begun !== undefined) section = begun.toUpperCase();
      else if (set !== undefined && value !== undefined) variables.set(set, value);
      else if (included !== undefined && depth < DEEPEST && read(included) !== undefined) add(included, depth + 1);
      else if (included !== undefined) tell(place, text, `there is no file \`${included}\` in the folder`);
      else if (/^\??(COMMENT|FORMAT)\b/i.test(text)) continue;
      else if (text.startsWith('?')) tell(place, text, 'it is decided when Shorewall runs: write out what it says');
      else addRow(place, text);
    }
  }

  function addRow(place: string, text: string): void {
    const written = withVariables(text, variables);
    const columns = written.split(/\s+/).map((word) => (word === '-' ? undefined : word));
    if (/\$/.test(written)) tell(place, text, 'its variable is in no `params`');
    else if (columns.some((word) => word !== undefined && /^(;;?|[{}])|;$/.test(word)))
      tell(place, text, 'columns by their names, and text for iptables, have no counterpart: write plain columns');
    else rows.push({ place, text, columns, section });
  }

  add(name, 0);
  return rows;
}

/** Without comments, those that are continued as one, by the place of the first. */
function linesOf(file: string, read: ReadFile): { place: string; text: string }[] {
  const lines = (read(file) ?? '').split(/\r?\n/);
  const found: { place: string; text: string }[] = [];
  for (let i = 0; i < lines.length; i++) {
    const place = `${file}:${i + 1}`;
    let text = lines[i]!.replace(/#.*$/, '');
    while (text.endsWith('\\') && i + 1 < lines.length) text = continued(text, lines[++i]!.replace(/#.*$/, ''));
    text = text.replace(/\\$/, '').trim().replaceAll(/\s+/g, ' ');
    if (text !== '') found.push({ place, text });
  }
  return found;
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
    for (const { place, text } of linesOf(file, read)) {
      const [, name, quoted, bare] = /^(?:export\s+)?(\w+)=(?:["']([^"'`]*)["']|([^"'`\s]*))$/.exec(text) ?? [];
      const value = quoted ?? bare;
      const isPlain = name !== undefined && value !== undefined && !value.includes('$(');
      if (isPlain) variables.set(name, withVariables(value, variables));
      else if (file === 'params') draft.unmapped.push({ place, text, why: 'only NAME=VALUE is understood' });
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
