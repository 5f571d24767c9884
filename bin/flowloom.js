#!/usr/bin/env node
// The command `flowloom`: checks Node's version before anything else is read, then starts the program.
import { existsSync } from 'node:fs';

const numbers = process.versions.node.split('.').map(Number);
const newEnough = numbers[0] > 22 || (numbers[0] === 22 && numbers[1] >= 18);
const built = new URL('../dist/src/main.js', import.meta.url);

if (newEnough) {
  import(existsSync(built) ? built.href : new URL('../src/main.ts', import.meta.url).href).catch((error) => {
    process.stderr.write(`flowloom could not be started: ${error.stack || error}\n`);
    process.exitCode = 1;
  });
} else {
  process.stderr.write(
    `Flowloom needs Node 22.18 or later; this is Node ${process.versions.node}. Install Node 24 and run it again.\n`,
  );
  process.exitCode = 2;
}
