/** What docs/concepts/ports.md shows is accepted, and selects what it says. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { selects } from '../../src/ovsdb/manager/port-selection.ts';

test('its file is accepted without a warning; the ports of its examples are selected', () => {
  const text = readFileSync('docs/concepts/ports.md', 'utf8');
  const file = /```yaml\n([\s\S]*?)```/.exec(text)![1]!;
  const loaded = parseConfig(file, 'docs/concepts/ports.md');
  expect(formatProblems(loaded.ok ? loaded.warnings : loaded.problems)).toBe('');
  const ports = loaded.ok ? loaded.config.bridges[0]!.ports : [];
  const selectedBy = (name: string, mac: string, externalIds: Record<string, string>) =>
    ports
      .filter(({ select }) => select !== undefined)
      .filter(({ select }) => selects(select!, { name, mac, externalIds: new Map(Object.entries(externalIds)) }))
      .map((port) => port.name);
  const [guest = ''] = /(?<=<mac address=')[^']+/.exec(text) ?? [];
  const [interfaceId = ''] = /(?<=interfaceid=')[^']+/.exec(text) ?? [];
  const marks = Object.fromEntries(
    [...text.matchAll(/external_ids:(\w+)=(\S+)/g)].map(([, key, value]) => [key, value]),
  );
  expect(selectedBy('vnet0', 'aa:00:00:00:00:01', { 'attached-mac': guest })).toEqual(['vnet*', 'web']);
  expect(selectedBy('vnet0', guest.replace(/^../, 'fe'), {})).toEqual(['vnet*', 'web']);
  expect(selectedBy('vnet1', 'aa:00:00:00:00:01', { 'iface-id': interfaceId })).toEqual(['vnet*', 'db']);
  expect(selectedBy('job17', 'aa:00:00:00:00:01', marks as Record<string, string>)).toEqual(['job']);
});
