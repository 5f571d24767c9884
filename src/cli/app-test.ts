/** `flowloom app test [FOLDER]…`: the tests of apps, with Node's own runner, on this copy of Flowloom. */

import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';

/** `register`: the module that makes `flowloom` mean this copy. */
export function addAppTest(group: Command, register: () => Promise<string>): void {
  group
    .command('test')
    .description("run the tests of apps: files *.test.ts and *.test.js, by Node's own runner")
    .argument('[FOLDERS...]', 'folders or files', ['.'])
    .action(async (places: string[]) => {
      process.exitCode = await runAppTest(places, await register());
    });
}

async function runAppTest(places: string[], register: string): Promise<number> {
  const files: string[] = [];
  for (const place of places) {
    const found = statSync(place, { throwIfNoEntry: false });
    if (found === undefined) {
      process.stderr.write(`name a folder or file that is there: ${place} is not\n`);
      return 2;
    }
    if (found.isDirectory()) {
      const exclude = (name: string) => name.split('/').includes('node_modules');
      files.push(...globSync('**/*.test.{ts,js}', { cwd: place, exclude }).map((file) => join(place, file)));
    } else files.push(place);
  }
  if (files.length === 0) {
    process.stderr.write(`name a folder with files *.test.ts or *.test.js: none is in ${places.join(', ')}\n`);
    return 2;
  }
  const child = spawn(process.execPath, ['--import', register, '--test', ...files], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
