/** A reader that has had enough of what a command prints, as `head` has, ends the command, and is no error. */

import type { Command } from 'commander';

/** `run` goes on without readers, and what answers line by line sees to it by itself. */
const OTHERWISE: ReadonlySet<string> = new Set(['run', 'decode', 'encode']);

export function endWithReader(program: Command): void {
  program.hook('preAction', (_, command) => {
    if (OTHERWISE.has(command.name())) return;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  });
}
