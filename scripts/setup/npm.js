// npm's packages as the lockfile names them; installed when they are missing or differ.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, Refusal } from './refusal.js';

/** Without a network npm would try for minutes before it says so. */
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

/** Runs the npm that started us, on the Node that it came with: an npm may not run on a Node much newer than itself. */
export function npm(args, folder) {
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 };
  const script = process.env.npm_execpath;
  const words = args.concat(PATIENCE);
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) {
    return spawnSync(process.execPath, [script].concat(words), options);
  }
  return spawnSync('npm', words, options);
}

export function npmPackages(root, tell) {
  if (installed(root)) return;
  tell("installing npm's packages (npm ci) …");
  // No package here needs its install script: platform binaries come as packages of their own.
  const flags = ['--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = npm(['ci'].concat(flags), root);
  if (result.error !== undefined) {
    throw new Refusal(`npm could not be started: ${result.error.message}`, 'install npm, or run this by `npm run …`');
  }
  if (result.status !== 0 || !installed(root)) {
    throw new Refusal(
      `npm's packages could not be installed; npm ci said:\n${lastLines(result, 8)}`,
      "check the network and npm's settings, then run the same command again",
    );
  }
}

/** npm writes node_modules/.package-lock.json when an installation is complete: every package of ours must be in it. */
function installed(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const found = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || found === undefined) return false;
  return Object.keys(wanted).every((path) => {
    if (path === '' || wanted[path].optional || wanted[path].peer) return true;
    return found[path] !== undefined && found[path].version === wanted[path].version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
