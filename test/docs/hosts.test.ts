/** The files that docs/concepts/hosts.md shows are accepted, and its commands of ovs-pki make the files that it names. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';

const run = promisify(execFile);
const text = readFileSync('docs/concepts/hosts.md', 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block!);

test('its files are accepted without a warning', () => {
  const files = blocks('yaml');
  expect(files).toHaveLength(3);
  for (const file of files) {
    const loaded = parseConfig(file, 'docs/concepts/hosts.md');
    expect(formatProblems(loaded.ok ? loaded.warnings : loaded.problems)).toBe('');
  }
});

test('ovs-pki makes the keys and certificates, each signed by the authority that the other side is given', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-pki-'));
  try {
    const [commands = ''] = blocks('sh');
    expect(commands).toMatch(/^(ovs-pki .*\n){3}$/);
    await run('sh', ['-ec', commands], { cwd: folder });
    const [hosts, controllers] = text.match(/(?<=`)pki\/\w+\/cacert\.pem/g) ?? [];
    const signed = (ca = '', certificate = '') =>
      run('openssl', ['verify', '-CAfile', ca, certificate], { cwd: folder });
    await signed(hosts, 'hv1-cert.pem');
    await signed(controllers, 'flowloom-cert.pem');
    await expect(signed(controllers, 'hv1-cert.pem')).rejects.toThrow();
    readFileSync(join(folder, 'hv1-privkey.pem'));
    readFileSync(join(folder, 'flowloom-privkey.pem'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
