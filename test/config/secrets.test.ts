/** What is shown of a file to those who may read the status: everything but its secrets. */

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { withoutSecrets, withoutSecretText } from '../../src/config/secrets.ts';

test.for([
  ['a: { psk: hush }', 'a: { psk: "(not shown)" }'],
  ['psk: "hu\\"sh" # why', 'psk: "(not shown)" # why'],
  ["- psk: 'hush'\n- psk: 7\n- nopsk: 8\n", '- psk: "(not shown)"\n- psk: "(not shown)"\n- nopsk: 8\n'],
  ['psk: |\n  hush\n  hush\nnext: 1\n', 'psk: "(not shown)"\nnext: 1\n'],
  ['{"options":{"psk":"hush","key":1}}', '{"options":{"psk":"(not shown)","key":1}}'],
  ['x: &s hush\npsk: *s\n', 'x: &s "(not shown)"\npsk: *s\n'],
  ['psk:\n  deeper: hush\n', 'psk:\n  "(not shown)"\n'],
  ['no: secret # psk: hush is a comment\n', 'no: secret # psk: hush is a comment\n'],
] as const)('%s', ([text, shown]) => {
  expect(withoutSecretText(text)).toBe(shown);
});

test('of what was read, too, and the rest is all there', () => {
  const text = [
    'flowloom: 1',
    'hosts:',
    '  hv1: { ovsdb: "tcp:10.0.0.1:6640", underlay: 10.1.0.1 }',
    '  hv2: { ovsdb: "tcp:10.0.0.2:6640", underlay: 10.1.0.2 }',
    'segments: { loc: { vlan: 7, overlay: { type: gre, vni: 7, perPeer: true, options: { psk: hush } } } }',
    'bridges: { br0: { hosts: [hv1, hv2], ports: { hv1/web: { access: loc }, hv2/web: { access: loc } } } }',
    '',
  ].join('\n');
  const loaded = parseConfig(text, 'net.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const shown = JSON.stringify(withoutSecrets(loaded.config));
  expect(shown).not.toContain('hush');
  expect(shown).toContain('(not shown)');
  expect(JSON.parse(shown)).toMatchObject({ file: 'net.yaml', hosts: [{ name: 'hv1' }, { name: 'hv2' }] });
});
