// `--keep`: the lab stays up, and its dashboard is reachable from outside its namespaces, until Ctrl-C.

import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

/** Returns only when the process is ended from outside. */
export async function keep(lab: Lab): Promise<never> {
  const address = await openDashboard(lab);
  const guests = [...lab.namespaces.values()].map((namespace) => namespace.id).join(' ');
  process.stdout.write(
    [
      '',
      `The lab ${lab.name} stays up.`,
      ...(address === undefined ? [] : [`  dashboard: ${address}`]),
      `  its machines: ${guests}`,
      `  a shell in one of them: ip netns exec ${lab.record.prefix}-ctl bash`,
      ...lab.hints.map((hint) => `  ${hint}`),
      `  its file, logs and captures: ${lab.folder}`,
      'Ctrl-C ends it and removes everything.',
      '',
    ].join('\n'),
  );
  return new Promise(() => {
    // The signal's handler ends the process; the timer keeps it until then.
    setInterval(() => undefined, 1 << 30);
  });
}

/** 8080 where it is free, else any port. */
async function openDashboard(lab: Lab): Promise<string | undefined> {
  const socket = join(lab.folder, 'http.sock');
  if (!existsSync(socket)) return undefined;
  const server = createServer((client) => {
    const target = connect(socket);
    client.pipe(target).pipe(client);
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
  });
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  const port = await listen(8080).catch(() => listen(0));
  return `http://127.0.0.1:${port}/`;
}
