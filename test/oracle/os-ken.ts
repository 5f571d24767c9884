// os-ken, an OpenFlow controller in Python (Debian's python3-os-ken): its constants, and its reading and writing of messages.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Debian's own Python: another may stand first on the PATH, and has no packages of Debian's. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('os-ken.py', import.meta.url));

/** A call of a class of os_ken.ofproto.ofproto_v1_4_parser; `xid` where it is a message. */
export interface Build {
  class: string;
  args: Record<string, unknown>;
  xid?: number;
}

export interface Compared {
  /** The message as os-ken writes it, in hex; null where it only reads that kind. */
  written: string | null;
  /** Where our bytes, as os-ken reads them, differ from what it built; null where it only writes that kind. */
  differences: string[] | null;
}

function osKen(mode: 'constants' | 'messages', input: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, [SCRIPT, mode], { timeout: 60_000 });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(`os-ken: ${err.split('\n').slice(-4).join('\n')}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Every OFP… number of OpenFlow 1.4 by its name. */
export async function osKenConstants(): Promise<Record<string, number>> {
  return (await osKen('constants', '')) as Record<string, number>;
}

/** For each message: as os-ken builds and writes it, and as it reads our `bytes` of it. One process for all. */
export async function osKenMessages(cases: readonly { build: Build; bytes: Uint8Array }[]): Promise<Compared[]> {
  const input = cases.map(({ build, bytes }) => ({ build, bytes: Buffer.from(bytes).toString('hex') }));
  return (await osKen('messages', JSON.stringify(input))) as Compared[];
}
