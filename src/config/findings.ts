/** Collects what the cross checks find, with the places of the file's values. */

import { suggestion } from '../text/suggest.ts';
import type { Place, Placed, YamlDocument } from './document.ts';
import type { Source } from './model.ts';
import { labelOf, type Path, pointerOf, startsWith } from './path.ts';
import type { Problem } from './problem.ts';
import { originalPath, type Shape } from './shape.ts';

export interface Findings {
  problem(path: Path, message: string, fix: string, part?: 'key' | 'value'): void;
  warning(path: Path, message: string, fix: string, part?: 'key' | 'value'): void;
  /** `file:line` of a key, or of a list's element. */
  source(path: Path): Source;
  /** Whether the schema refused something at or below this path, so that what is missing there is already told. */
  broken(path: Path): boolean;
  /** Whether a list stands there, with an element in it. */
  listed(path: Path): boolean;
  /** The names that a section of the file declares, those with unsound values included. */
  declared(...path: string[]): ReadonlySet<string>;
  /** Reports a name that is not declared, and says whether it is. */
  known(path: Path, kind: string, name: string, names: Iterable<string>, section: string): boolean;
  places: ReadonlyMap<string, Placed>;
}

/** Parts of the path of a port: `bridges`, its bridge, `ports`, its key. */
const PORT = 4;

interface Found {
  place: Place | undefined;
  problem: Problem;
}

export function collectFindings(
  file: string,
  document: YamlDocument,
  shape: Shape,
  places: ReadonlyMap<string, Path> = new Map(),
): Findings & { sorted(): { problems: Problem[]; warnings: Problem[] } } {
  const found: { problems: Found[]; warnings: Found[] } = { problems: [], warnings: [] };
  const seen = new Set<string>();

  /** A path in what is read, as a path in the file: lists lose elements, and ports are written out. */
  const inFile = (path: Path): Path => {
    const original = originalPath(path, shape.positions);
    const place = places.size === 0 ? undefined : places.get(pointerOf(original.slice(0, PORT)));
    return place === undefined ? original : [...place, ...original.slice(PORT)];
  };
  const placeOf = (path: Path, part: 'key' | 'value'): Place | undefined => {
    // A key that is missing stands where its map stands.
    for (let at = path; ; at = at.slice(0, -1)) {
      const placed = document.places.get(pointerOf(at));
      if (placed !== undefined) return at === path ? placed[part] : placed.key;
      if (at.length === 0) return undefined;
    }
  };
  const add = (list: Found[], path: Path, message: string, fix: string, part: 'key' | 'value') => {
    const place = placeOf(path, part);
    const source = place === undefined ? file : `${file}:${place.line}:${place.column}`;
    const id = `${source} ${message}`;
    if (seen.has(id)) return;
    seen.add(id);
    list.push({ place, problem: { source, message, fix } });
  };
  for (const issue of shape.issues) add(found.problems, issue.path, issue.message, issue.fix, issue.part);

  return {
    places: document.places,
    problem: (path, message, fix, part = 'value') => add(found.problems, inFile(path), message, fix, part),
    warning: (path, message, fix, part = 'value') => add(found.warnings, inFile(path), message, fix, part),
    source: (path) => {
      const place = placeOf(inFile(path), 'key');
      return place === undefined ? file : `${file}:${place.line}`;
    },
    broken: (path) => {
      const original = inFile(path);
      return shape.issues.some((issue) => startsWith(issue.path, original));
    },
    listed: (path) => document.places.has(pointerOf(inFile([...path, 0]))),
    declared: (...path) => {
      let value: unknown = document.value;
      for (const part of inFile(path)) value = (value as Record<string, unknown> | null | undefined)?.[part];
      return new Set(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []);
    },
    known(path, kind, name, names, section) {
      const set = new Set(names);
      if (set.has(name)) return true;
      // Where the section itself is no map, that is what is told.
      if (shape.issues.some((issue) => labelOf(issue.path) === section)) return false;
      this.problem(path, `unknown ${kind} \`${name}\``, suggestion(name, set, `add it under \`${section}\``));
      return false;
    },
    sorted: () => ({ problems: inFileOrder(found.problems), warnings: inFileOrder(found.warnings) }),
  };
}

function inFileOrder(list: readonly Found[]): Problem[] {
  return list
    .toSorted((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0))
    .map(({ problem }) => problem);
}
