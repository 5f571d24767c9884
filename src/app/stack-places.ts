/** Where in files an error has been, by its stack; Node's own modules left out. */

import { fileURLToPath } from 'node:url';

export interface StackPlace {
  /** A path. */
  file: string;
  line: number;
}

/** Folders of what is Flowloom's own. */
const OWN = ['../', '../../proto/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Innermost first. */
export function placesOf(stack: string | undefined): StackPlace[] {
  const found: StackPlace[] = [];
  for (const { groups } of (stack ?? '').matchAll(PLACE)) {
    try {
      found.push({ file: fileURLToPath(groups!.url!), line: Number(groups!.line) });
    } catch {
      // No path of this machine.
    }
  }
  return found;
}

const PLACE = /(?<url>file:\/\/\/[^\s)]+?)(?:\?[^\s):]*)?:(?<line>\d+)(?::\d+)?\)?$/gm;

export function isOwn(file: string): boolean {
  return OWN.some((folder) => file.startsWith(folder) && !file.slice(folder.length).includes('node_modules/'));
}

/** `, at /path/my-app.ts:2`: the innermost place in an app's own code; nothing where there is none. */
export function atPlaceInApp(stack: string | undefined): string {
  const place = placesOf(stack).find(({ file }) => !isOwn(file) && !file.includes('/node_modules/'));
  return place === undefined ? '' : `, at ${place.file}:${place.line}`;
}
