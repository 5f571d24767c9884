/** `flowloom app new NAME`: a folder with an app that works, and its test. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { appTemplate } from './app-template.ts';

export function addAppNew(group: Command, builtIn: () => Promise<{ name: string }[]>): void {
  group
    .command('new')
    .description('write an app that works, with its test, into a folder NAME')
    .argument('<NAME>', 'in small letters, digits and hyphens')
    .option('--dir <folder>', 'where the folder is made', '.')
    .action(async (name: string, { dir }: { dir: string }) => {
      process.exitCode = runAppNew(name, dir, await builtIn());
    });
}

function runAppNew(name: string, dir: string, builtIn: readonly { name: string }[]): number {
  const folder = join(dir, name);
  const refuse = (text: string) => {
    process.stderr.write(`${text}\n`);
    return 2;
  };
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    return refuse(`name it in small letters, digits and hyphens, like my-app: "${name}" is no name for an app`);
  if (builtIn.some((app) => app.name === name)) return refuse(`take another name: an app "${name}" is built in`);
  try {
    mkdirSync(dir, { recursive: true });
    mkdirSync(folder);
    for (const [file, text] of Object.entries(appTemplate(name)))
      writeFileSync(join(folder, file), text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return refuse(`take another name, or --dir: ${folder} is there already`);
    return refuse(`choose a folder that can be written with --dir: ${message}`);
  }
  const path = folder.startsWith('/') || folder.startsWith('.') ? folder : `./${folder}`;
  process.stdout.write(
    `${Object.keys(appTemplate(name))
      .map((file) => `${join(folder, file)}\n`)
      .join('')}\nflowloom app test ${folder}\nflowloom run --app ${path}/index.ts\n`,
  );
  return 0;
}
