/** Tells when one of some files changes, whose list may change with it. */

import { type FSWatcher, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Milliseconds of quiet that make many changes one. */
const QUIET = 500;

/** The folders are watched, not the files: editors replace these. `look` asks for the list again. */
export function watchFiles(files: () => string[], changed: () => void): { look(): void } {
  const folders = new Map<string, FSWatcher>();
  let names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    names = new Set(files().map((file) => resolve(file)));
    const wanted = new Set([...names].map((file) => dirname(file)));
    for (const [folder, watcher] of folders) {
      if (wanted.delete(folder)) continue;
      watcher.close();
      folders.delete(folder);
    }
    for (const folder of wanted) {
      const watcher = watch(folder, (_event, name) => {
        if (name === null || !names.has(resolve(folder, name))) return;
        clearTimeout(timer);
        timer = setTimeout(changed, QUIET);
      });
      // A folder that goes is watched again when it is there again.
      watcher.on('error', () => {
        watcher.close();
        folders.delete(folder);
      });
      folders.set(folder, watcher);
    }
  }
  look();
  return { look };
}
