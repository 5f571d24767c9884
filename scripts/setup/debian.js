// Debian's packages of the programs that the labs and tests drive; installed by apt-get where they are missing.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, Refusal } from './refusal.js';

const LISTS = '/var/lib/apt/lists';
const DAY = 24 * 60 * 60 * 1000;

/** `programs`: pairs of a program and the package that has it. */
export function debianPackages(programs, path, tell) {
  const missing = programs.filter((pair) => !path.some((folder) => executable(join(folder, pair[0]))));
  if (missing.length === 0) return;
  const packages = missing.map((pair) => pair[1]).filter((name, index, all) => all.indexOf(name) === index);
  const what = missing.map((pair) => pair[0]).join(', ');
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!isDebian()) {
    throw new Refusal(
      `missing: ${what}. This is not Debian, so they cannot be installed from here`,
      `install what has them (in Debian: ${packages.join(' ')}) and run the same command again`,
    );
  }
  if (process.getuid() !== 0)
    throw new Refusal(`missing: ${what}. Installing them needs root`, `sudo sh -c '${byHand}'`);
  tell(`installing Debian's ${packages.join(', ')} (apt-get) …`);
  updateOldLists();
  const install = ['install', '-y', '--no-install-recommends'].concat(packages);
  let result = aptGet(install);
  if (result.status !== 0) {
    // The lists may name versions that the mirror has replaced since.
    aptGet(['update']);
    result = aptGet(install);
  }
  if (result.status !== 0) {
    throw new Refusal(
      `missing: ${what}. apt-get could not install ${packages.join(', ')}:\n${lastLines(result, 8)}`,
      `check the network and /etc/apt, then: ${byHand}`,
    );
  }
}

export function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\bdebian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Only root may. */
export function updateOldLists() {
  if (process.getuid() === 0 && listsAreOld()) aptGet(['update']);
}

function listsAreOld() {
  try {
    const lists = readdirSync(LISTS).filter((name) => /_(In)?Release$/.test(name));
    return lists.length === 0 || Date.now() - statSync(LISTS).mtimeMs > 7 * DAY;
  } catch {
    return true;
  }
}

function aptGet(args) {
  const env = Object.assign({}, process.env, { DEBIAN_FRONTEND: 'noninteractive' });
  return spawnSync('apt-get', args, { env: env, encoding: 'utf8', maxBuffer: 64 << 20 });
}
