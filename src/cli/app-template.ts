/** What `flowloom app new` writes: an app that works, its test, and what is said of both. */

/** File → text. */
export function appTemplate(name: string): Record<string, string> {
  return {
    'index.ts': `/** Drops TCP connections to the ports that the file names. */

import { defineApp, drop, z } from 'flowloom';

export default defineApp({
  name: '${name}',
  config: z.strictObject({
    /** Destination ports that nothing may connect to. */
    ports: z.array(z.int().min(1).max(65535)).default([23]),
  }),
  tables: { admit: { stage: 'admit' } },
  attach({ dp, config }) {
    for (const port of config.ports) {
      dp.flows.admit.set(\`tcp \${port}\`, {
        priority: 100,
        match: { ethType: 0x0800, ipProto: 6, tcpDst: port },
        actions: drop(),
        intent: \`TCP port \${port} is not used here\`,
      });
    }
    return {};
  },
});
`,
    'index.test.ts': `/** What the app declares, and what becomes of packets. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declared, expectPacket, type Lab, lab, packet } from 'flowloom/testing';
import app from './index.ts';

test('drops what goes to the ports of its config', () => {
  assert.deepEqual(declared(app, { config: { ports: [23, 2323] } }), [
    'admit priority=100,tcp,tp_dst=23 actions=drop',
    'admit priority=100,tcp,tp_dst=2323 actions=drop',
  ]);
});

test('refuses what is no port', () => {
  assert.throws(() => declared(app, { config: { ports: [70000] } }), /ports\\.0/);
});

/** A switch with alice and bob at its ports; it forwards by Flowloom's own learning-switch. */
function network(config: unknown): Promise<Lab> {
  return lab({
    apps: [[app, config], 'learning-switch'],
    switches: { s1: ['p1', 'p2'] },
    guests: { alice: { at: 's1:p1', ip: '10.0.0.1/24' }, bob: { at: 's1:p2', ip: '10.0.0.2/24' } },
  });
}

test('no packet gets to such a port, and all others do', async () => {
  const net = await network({ ports: [23] });
  await net.ping('alice', 'bob');
  expectPacket(await net.send('alice', packet.tcp({ dst: 'bob', dstPort: 23 }))).isDropped();
  expectPacket(await net.send('alice', packet.tcp({ dst: 'bob', dstPort: 80 }))).reaches('bob');
  assert.equal(net.counters('TCP port 23 is not used here').packets, 1);
});
`,
    'README.md': `# ${name}

Drops TCP connections to the ports that the file names.

\`\`\`yaml
apps:
  ./${name}/index.ts: { ports: [23, 2323] } # default: [23]
\`\`\`

\`\`\`
flowloom run flowloom.yaml      # with the lines above in it
flowloom run --app ./${name}/index.ts
flowloom app test ${name}           # without root, and without Open vSwitch
\`\`\`

Each reload (SIGHUP, \`--watch\`) loads it anew if one of its files has changed; the other apps notice nothing.
`,
  };
}
