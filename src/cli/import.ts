/** `flowloom import KIND …`: a network that was built by hand as a Flowloom file, and line by line what has no counterpart. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseIpPrefix } from '../../proto/wire/prefix.ts';
import type { Draft, Unmapped } from '../import/draft.ts';
import { importIptables } from '../import/iptables/iptables.ts';
import { importLibvirtNet, LibvirtError } from '../import/libvirt-net.ts';
import { importShorewall, isShorewall } from '../import/shorewall/shorewall.ts';
import { NAMING, writeFile } from '../import/write-file.ts';

interface Flags {
  address?: [string, string][];
  gateway?: string;
  uplink?: string;
  json?: boolean;
}

export function addImport(program: Command): void {
  const group = program
    .command('import')
    .description('make a Flowloom file of what is there, and list what has no counterpart');
  const options = (command: Command) =>
    command
      .option('--address <DEVICE=ADDRESS/LENGTH>', 'an address that a device has; for each one', addAddressFlag)
      .option('--gateway <ADDRESS>', 'the default gateway')
      .option('--json', 'as JSON: file and what has no counterpart');
  const { router } = NAMING;
  const given = 'from the output of iptables-save or ip6tables-save, on standard input or in a file';
  options(group.command('iptables-save').description(given).argument('[FILE]')).action(
    (file: string | undefined, flags: Flags) => {
      if (file === undefined && process.stdin.isTTY)
        process.stderr.write('reading the rules from standard input: iptables-save | flowloom …\n');
      try {
        const text = readFileSync(file ?? 0, 'utf8');
        if (!/^\*\w+/m.test(text)) return refuse('give the output of iptables-save: this has no table (`*filter`)');
        const options = { router, addresses: flags.address ?? [], gateway: flags.gateway };
        print(importIptables(text, options), 'iptables-save', flags);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        refuse(`give a file that can be read: ${(error as Error).message}`);
      }
    },
  );
  options(group.command('shorewall').description("from Shorewall's folder").argument('<DIR>')).action(
    (dir: string, flags: Flags) => {
      const read = readerOf(dir);
      try {
        if (!isShorewall(read))
          return refuse(`give the folder with Shorewall's files, like /etc/shorewall: ${dir} has none of them`);
        const options = { router, addresses: flags.address ?? [], gateway: flags.gateway };
        print(importShorewall(read, options), `Shorewall, ${dir}`, flags);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        refuse(`give a folder that can be read: ${(error as Error).message}`);
      }
    },
  );
  options(group.command('libvirt-net').description('from the XML of a network (virsh net-dumpxml)').argument('<FILE>'))
    .option('--uplink <DEVICE>', 'the device that leads outside')
    .action((file: string, flags: Flags) => {
      try {
        const { address: addresses = [], gateway, uplink } = flags;
        print(
          importLibvirtNet(readFileSync(file, 'utf8'), { router, uplink, addresses, gateway }),
          `libvirt, ${file}`,
          flags,
        );
      } catch (error) {
        if (error instanceof LibvirtError) refuse(`give the XML of a network: ${error.message} (${file})`);
        else if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        else refuse(`give a file that can be read: ${(error as Error).message}`);
      }
    });
}

function print(draft: Draft, from: string, { json }: Flags): void {
  const file = writeFile(draft, `made of ${from} by \`flowloom import\``);
  if (json === true) {
    const [unmapped, needless] = [inOrder(draft.unmapped), inOrder(draft.needless)];
    process.stdout.write(`${JSON.stringify({ file, unmapped, needless }, null, 2)}\n`);
    return;
  }
  process.stdout.write(file);
  for (const { place, text, why } of inOrder(draft.unmapped))
    process.stderr.write(`not taken: ${why}: ${text} (${place})\n`);
  for (const { place, text, why } of inOrder(draft.needless))
    process.stderr.write(`not needed: ${why}: ${text} (${place})\n`);
}

/** As the lines stand. */
function inOrder(lines: readonly Unmapped[]): Unmapped[] {
  return lines.toSorted((a, b) => a.place.localeCompare(b.place, 'en', { numeric: true }));
}

function refuse(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}

function addAddressFlag(text: string, before: [string, string][] = []): [string, string][] {
  const [device = '', address = ''] = text.split('=');
  if (device === '' || !address.includes('/') || parseIpPrefix(address) === undefined) {
    throw new InvalidArgumentError('write it like eth0=192.0.2.1/24');
  }
  return [...before, [device, address]];
}

/** undefined for a file that is not there. */
function readerOf(folder: string): (name: string) => string | undefined {
  return (name) => {
    const path = join(folder, name);
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : undefined;
  };
}
