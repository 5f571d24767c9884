/** Flowloom as it is published: compiled, so that a figure is what its users get. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program's file. */
export async function build(): Promise<string> {
  const folder = join(root, 'node_modules/.cache/flowloom-bench');
  const compiler = join(root, 'node_modules/.bin/tsc');
  await promisify(execFile)(compiler, ['-p', 'tsconfig.build.json', '--outDir', folder], { cwd: root });
  return join(folder, 'src/main.js');
}
