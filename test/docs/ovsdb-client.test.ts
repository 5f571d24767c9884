// The programs in docs/ovsdb-client.md, run as they stand against a real ovsdb-server.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/ovsdb-client.md', import.meta.url)), 'utf8');
const programs = [...page.matchAll(/^```ts\n(import .*?)^```$/gms)].map(([, text = '']) => text);

const folder = mkdtempSync(join(tmpdir(), 'flowloom-ovsdb-client-'));
/** The package's name leads to the sources, as it leads to what is installed elsewhere. */
const hook = `import { registerHooks } from 'node:module';
registerHooks({
  resolve: (name, context, next) =>
    next(name === 'flowloom/ovsdb' ? '${new URL('../../src/ovsdb/index.ts', import.meta.url).href}' : name, context),
});`;
const preload = `--import=data:text/javascript,${encodeURIComponent(hook)}`;

function argumentsOf(index: number, args: readonly string[]): string[] {
  const file = join(folder, `program${index}.ts`);
  writeFileSync(file, programs[index] ?? '');
  return [preload, file, ...args];
}
async function run(index: number, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, argumentsOf(index, args), { timeout: 20_000 })).stdout;
}

let server: OvsdbServer;
let watching: ChildProcess | undefined;
beforeAll(async () => {
  server = await startOvsdbServer();
  await server.vsctl('add-br', 'br0');
  await server.vsctl('add-port', 'br0', 'p1', 'trunks=5,6', '--', 'set', 'interface', 'p1', 'type=dummy');
});
afterAll(async () => {
  watching?.kill('SIGKILL');
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('there are three, of 15 lines at most', () => {
  expect(programs).toHaveLength(3);
  for (const program of programs) expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('the first lists the bridges with their ports', async () => {
  await server.vsctl('add-br', 'br1');
  const listed = (await run(0, server.target)).trim().split('\n').sort();
  expect(listed).toEqual([expect.stringMatching(/^br0: (br0 p1|p1 br0)$/), 'br1: br1']);
  await server.vsctl('del-br', 'br1');
});

test('the second watches interfaces, through a restart of the server', async () => {
  let text = '';
  watching = spawn(process.execPath, argumentsOf(1, [server.target]), { stdio: ['ignore', 'pipe', 'inherit'] });
  watching.stdout?.on('data', (bytes) => {
    text += bytes;
  });
  const shows = (part: string) => vi.waitFor(() => expect(text).toContain(part), SOON);
  await shows('p1 came, type dummy');
  await server.vsctl('add-port', 'br0', 'p2', '--', 'set', 'interface', 'p2', 'type=dummy');
  await shows('p2 came, type dummy');
  // As ovs-vswitchd does.
  await server.vsctl('set', 'interface', 'p2', 'ofport=7', 'link_state=up');
  await shows('p2 is port 7, link up');
  await server.kill('SIGKILL');
  await shows('waiting');
  text = '';
  await server.start();
  await shows('connected');
  await server.vsctl('del-port', 'p2');
  await shows('p2 went');
  // What did not change while nobody looked is not told again.
  expect(text).not.toContain('p1');
});

test('the third makes a port an access port, in one transaction', async () => {
  expect(await run(2, server.target, 'p1', '100')).toContain('p1 was { tag: undefined, trunks: [ 5, 6 ] }');
  expect(await server.vsctl('get', 'port', 'p1', 'tag', 'vlan_mode', 'trunks')).toBe('100\naccess\n[]');
  expect(await run(2, server.target, 'p1', '200')).toContain('p1 was { tag: 100, trunks: [] }');
  await expect(run(2, server.target, 'nosuch', '200')).rejects.toThrow('there is no port nosuch');
});
