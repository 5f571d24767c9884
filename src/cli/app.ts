/** `flowloom app …`: the group of commands about apps; each of them has a file of its own, `app-NAME.ts`. */

import type { Command } from 'commander';

/** What it gives takes the group's commands. */
export function addApp(program: Command): Command {
  return program.command('app').description('apps: what there is, and what is made of them');
}
