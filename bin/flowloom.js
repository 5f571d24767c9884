#!/usr/bin/env node
// The command `flowloom`: checks Node's version before anything else is read, then starts the program.
import { accessSync, constants, existsSync } from 'node:fs';
import { basename } from 'node:path';

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

/** Node takes its own place, once, in the same process. Where it can't, nothing is lost but speed. */
function beginAnew() {
  const { argv, channel, env, execArgv, execPath } = process;
  // Who gives Node options by hand chooses for himself; and what the first Node has open, a debugger too, is closed.
  const isPlain = execArgv.length === 0 && !env.NODE_OPTIONS && channel === undefined;
  const isOpen = argv.some((word) => /^\/(dev|proc\/[^/]+)\/fd\//.test(word));
  if (!isPlain || isOpen || process.execve === undefined || !isNode(execPath)) return;
  try {
    process.execve(execPath, [execPath, ...MEMORY, ...argv.slice(1)], env);
  } catch {
    // Not permitted: it goes on as it is.
  }
}

/** Under a loader or an emulator the path is another program's; and with none there, `execve` ends the process. */
function isNode(path) {
  try {
    accessSync(path, constants.X_OK);
    return /^node/.test(basename(path));
  } catch {
    return false;
  }
}
