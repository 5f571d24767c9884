/** Flowloom as it is published: compiled, and started by its command, so that a figure is what its users get. */

import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The command's file. */
export async function build(): Promise<string> {
  const folder = join(root, 'node_modules/.cache/flowloom-bench');
  const compiler = join(root, 'node_modules/.bin/tsc');
  const options = ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')];
  await promisify(execFile)(compiler, options, { cwd: root });
  await cp(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  return join(folder, 'bin/flowloom.js');
}
