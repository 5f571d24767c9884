/**
 * What others have in a bridge that is about to lose its last controller, and all flows with it: on disk until it is put
 * back, beside the bridge's own socket. Should Flowloom be killed in between, the next release puts it back. A line is an
 * OpenFlow message in hex, as `flowloom decode` reads it.
 */

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import type { Namespace } from '../flow/namespace.ts';
import type { Contents } from '../flow/reconcile/contents.ts';
import { parseActiveTarget } from '../transport/target.ts';

export interface Keepsake {
  bridge: string;
  contents: Contents;
}

/** Each owner's own: what the others have is others', too. */
const ending = ({ cookies }: Namespace) => `.flowloom-${cookies.toString(16)}`;
/** An older one tells nothing of what others want there now; nor does one of a bridge that is no more. */
const OLDEST_MS = 3_600_000;
const OVSDB_PORT = 6640;

export function keep(
  namespace: Namespace,
  ovsdb: string | undefined,
  bridge: string,
  { flows, groups, meters }: Contents,
): void {
  const file = fileOf(namespace, ovsdb, bridge);
  if (file === undefined) return;
  const reply = (kind: string, entry: unknown) =>
    ({ type: 'multipartReply', flags: [], kind, reply: [entry], xid: 0 }) as unknown as Message;
  const messages = [
    ...flows.map((flow) => reply('flow', flow)),
    ...groups.map((group) => reply('groupDesc', group)),
    ...meters.map((meter) => reply('meterConfig', meter)),
  ];
  const lines = messages.map((message) => `${Buffer.from(encodeMessage(message)).toString('hex')}\n`);
  writeFileSync(`${file}.new`, lines.join(''), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function forget(namespace: Namespace, ovsdb: string | undefined, bridge: string): void {
  const file = fileOf(namespace, ovsdb, bridge);
  if (file !== undefined) rmSync(file, { force: true });
}

/** Those of a host on this machine. */
export function kept(namespace: Namespace, ovsdb: string | undefined): Keepsake[] {
  const folder = folderOf(ovsdb);
  if (folder === undefined) return [];
  const end = ending(namespace);
  const found: Keepsake[] = [];
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.endsWith(end)) continue;
    const file = join(folder, name);
    const bridge = name.slice(0, -end.length);
    const isOf = existsSync(join(folder, `${bridge}.mgmt`)) && Date.now() - statSync(file).mtimeMs < OLDEST_MS;
    if (isOf) found.push({ bridge, contents: read(file) });
    else rmSync(file, { force: true });
  }
  return found;
}

function read(file: string): Contents {
  const entries = { flow: [] as unknown[], groupDesc: [] as unknown[], meterConfig: [] as unknown[] };
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { kind, reply } = decodeMessage(Buffer.from(line, 'hex')) as unknown as {
      kind: keyof typeof entries;
      reply: [];
    };
    entries[kind].push(...reply);
  }
  const { flow, groupDesc, meterConfig } = entries;
  return { flows: flow, groups: groupDesc, meters: meterConfig } as Contents;
}

function fileOf(namespace: Namespace, ovsdb: string | undefined, bridge: string): string | undefined {
  const folder = folderOf(ovsdb);
  return folder === undefined ? undefined : join(folder, `${bridge}${ending(namespace)}`);
}

function folderOf(ovsdb: string | undefined): string | undefined {
  if (ovsdb === undefined) return undefined;
  const target = parseActiveTarget(ovsdb, { defaultPort: OVSDB_PORT });
  return target.kind === 'unix' ? dirname(target.path) : undefined;
}
