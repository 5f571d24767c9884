// Debian's packages that are unpacked into `.peers/`, not installed: as services they would take OpenFlow's port.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { executable, isDebian, updateOldLists } from './debian.js';
import { lastLines, Refusal } from './refusal.js';

/** `programs`: pairs of a program and the package that has it. Gives the folders where they may lie. */
export function unpackedPackages(programs, root, path, tell) {
  const folder = join(root, '.peers');
  const bin = join(folder, 'usr', 'bin');
  const places = path.concat([bin]);
  const missing = programs.filter((pair) => !places.some((place) => executable(join(place, pair[0]))));
  if (missing.length === 0) return programs.length === 0 ? [] : [bin];
  const names = missing.map((pair) => pair[1]).join(', ');
  if (!isDebian()) {
    throw new Refusal(
      `missing: ${missing.map((pair) => pair[0]).join(', ')}. This is not Debian, so they cannot be fetched from here`,
      `install what has them (in Debian: ${names}) and run the same command again`,
    );
  }
  tell(`fetching Debian's ${names} into .peers/ (apt-get download) …`);
  mkdirSync(folder, { recursive: true });
  updateOldLists();
  for (const pair of missing) unpack(pair[1], folder);
  return [bin];
}

function unpack(name, folder) {
  const fetched = spawnSync('apt-get', ['download', name], { cwd: folder, encoding: 'utf8' });
  const archive = readdirSync(folder).filter((file) => file.indexOf(`${name}_`) === 0)[0];
  if (fetched.status !== 0 || archive === undefined) {
    throw new Refusal(
      `Debian's package ${name} could not be fetched:\n${lastLines(fetched, 6)}`,
      'check the network and /etc/apt, run apt-get update, and then the same command again',
    );
  }
  const file = join(folder, archive);
  const unpacked = spawnSync('dpkg-deb', ['-x', file, folder], { encoding: 'utf8' });
  if (existsSync(file)) unlinkSync(file);
  if (unpacked.status !== 0) throw new Refusal(`${archive} could not be unpacked:\n${lastLines(unpacked, 3)}`);
}
