// The dashboard's page, built by Vite when it is missing or older than its sources.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, Refusal } from './refusal.js';

export function dashboardPage(root, env, tell) {
  const folder = join(root, 'apps', 'dashboard', 'web');
  const page = join(folder, 'dist', 'index.html');
  if (!existsSync(join(folder, 'index.html'))) return;
  if (existsSync(page) && statSync(page).mtimeMs >= newest(folder)) return;
  tell("building the dashboard's page (vite build) …");
  const result = spawnSync('vite', ['build', folder, '--logLevel', 'warn'], { cwd: root, env: env, encoding: 'utf8' });
  if (result.status !== 0 || !existsSync(page)) {
    throw new Refusal(`the dashboard's page could not be built; vite said:\n${lastLines(result, 20)}`);
  }
}

/** When the newest file under a folder was written. */
function newest(folder) {
  let latest = 0;
  for (const name of readdirSync(folder)) {
    if (name === 'dist' || name === 'node_modules') continue;
    const status = statSync(join(folder, name));
    latest = Math.max(latest, status.isDirectory() ? newest(join(folder, name)) : status.mtimeMs);
  }
  return latest;
}
