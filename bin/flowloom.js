#!/usr/bin/env node
// The command `flowloom`: checks Node's version before anything else is read, then starts the program.
import { existsSync } from 'node:fs';

const numbers = process.versions.node.split('.').map(Number);
const newEnough = numbers[0] > 22 || (numbers[0] === 22 && numbers[1] >= 18);
const built = new URL('../dist/src/main.js', import.meta.url);

// For a controller: a young generation that fits into a processor's cache, and an old one that is not looked through
// before it holds some hundred thousand flows (docs/decisions/0030). V8 takes these only as it begins.
const MEMORY = ['--max-semi-space-size=8', '--initial-heap-size=256'];

if (newEnough) {
  if (process.argv[2] === 'run') beginAnew();
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

/** Node takes its own place, once, in the same process. What somebody else has set stays; where it can't, nothing is lost. */
function beginAnew() {
  const given = process.execArgv.concat((process.env.NODE_OPTIONS || '').split(' '));
  const names = given.map((option) => nameOf(option).replaceAll('_', '-'));
  const missing = MEMORY.filter((option) => !names.includes(nameOf(option)));
  if (missing.length === 0 || process.execve === undefined || process.channel !== undefined) return;
  const words = [process.execPath, ...process.execArgv, ...missing, ...process.argv.slice(1)];
  process.execve(process.execPath, words, process.env);
}

function nameOf(option) {
  return option.split('=')[0];
}
