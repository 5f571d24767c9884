// What a lab is, and its running state: namespaces, checks, and what it has found so far.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunRecord, recordNamespace } from './record.ts';
import { must, type Outcome, type RunOptions, run } from './shell.ts';

/** What `test/lab/NAME/lab.ts` exports as `lab`. */
export interface LabDefinition {
  title: string;
  /** It measures what others on the same processors would spoil: it runs when no other does. */
  alone?: boolean;
  /** Longer than this it may not take; default 5. */
  minutes?: number;
  run(lab: Lab): Promise<void>;
}

export interface Lab {
  name: string;
  record: RunRecord;
  /** The lab's own files while it runs. */
  folder: string;
  /** `test/lab/NAME`. */
  source: string;
  /** Namespaces by their short names. */
  namespaces: Map<string, Namespace>;
  passed: number;
  /** What failed, each with its evidence. */
  failures: string[];
  /** What to show somebody who wants to look around. */
  hints: string[];
  /** Called when a check failed: gathers what helps to find out why. */
  onFailure: (() => Promise<void>)[];
  /** What it tells; lines, each with its end. */
  say(text: string): void;
}

/** A network namespace: a machine of the lab. */
export interface Namespace {
  /** As the lab calls it: `hv1`. */
  name: string;
  /** As `ip netns` knows it. */
  id: string;
}

/** IPv6's own chatter would be counted with the traffic of the checks. */
const NO_IPV6 = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'];

export function openLab(record: RunRecord, name: string, source: string, say = toStandardOutput): Lab {
  const folder = join(record.folder, name);
  mkdirSync(folder, { recursive: true });
  const found = { namespaces: new Map(), passed: 0, failures: [], hints: [], onFailure: [] };
  return { name, record, folder, source, ...found, say };
}

function toStandardOutput(text: string): void {
  process.stdout.write(text);
}

export async function createNamespace(lab: Lab, name: string): Promise<Namespace> {
  const namespace = { name, id: `${lab.record.prefix}-${name}` };
  recordNamespace(lab.record, namespace.id);
  await must(['ip', 'netns', 'add', namespace.id]);
  lab.namespaces.set(name, namespace);
  await inside(namespace, ['sysctl', '-e', '-q', '-w', ...NO_IPV6]);
  await inside(namespace, ['ip', 'link', 'set', 'lo', 'up']);
  return namespace;
}

/** The command as run in a namespace. */
export function command(namespace: Namespace, words: string[]): string[] {
  return ['ip', 'netns', 'exec', namespace.id, ...words];
}

export function inside(namespace: Namespace, words: string[], options?: RunOptions): Promise<string> {
  return must(command(namespace, words), options);
}

export function tryInside(namespace: Namespace, words: string[], options?: RunOptions): Promise<Outcome> {
  return run(command(namespace, words), options);
}

/** A cable between two machines. */
export async function cable(a: Namespace, aDevice: string, b: Namespace, bDevice: string): Promise<void> {
  const ends = ['add', aDevice, 'netns', a.id, 'type', 'veth', 'peer', 'name', bDevice, 'netns', b.id];
  await must(['ip', 'link', ...ends]);
  for (const [namespace, device] of [
    [a, aDevice],
    [b, bDevice],
  ] as const) {
    // A checksum left to hardware that is not there is wrong on the wire: Open vSwitch's connection tracking drops it.
    await inside(namespace, ['ethtool', '-K', device, 'tx', 'off', 'tso', 'off', 'gso', 'off']);
    await inside(namespace, ['ip', 'link', 'set', device, 'up']);
  }
}
