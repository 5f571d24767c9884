/** Ports that other programs create: by which marks the file selects them, `hv1/vnet*` or a label with `select`. */

import { z } from 'zod';
import { isGlob } from '../text/glob.ts';
import type { Findings } from './findings.ts';
import type { Bridge, PortSelector } from './model.ts';
import type { Path } from './path.ts';
import * as value from './schema-values.ts';

const text = (what: string, example: string) =>
  z.string(value.expected(what, `write it like ${example}`)).min(1, value.expected(what, `write it like ${example}`));

export const selectForm = z.strictObject(
  {
    name: text('a name of interfaces', 'vnet3 or "vnet*"')
      .optional()
      .describe("The interface's name; `*` is any run of characters, `?` any one."),
    mac: value.mac
      .optional()
      .describe("The station's MAC, as `attached-mac` tells it or the device's own MAC (docs/concepts/ports.md)."),
    ifaceId: text('an iface-id', '"0b1c2d3e-0000-4000-8000-000000000001"')
      .optional()
      .describe('`external_ids:iface-id` of the interface.'),
    attachedMac: value.mac.optional().describe('`external_ids:attached-mac` of the interface, and nothing else.'),
    externalIds: z
      .record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean()], value.expected('a text', 'write a text, number or true/false')),
        value.expected('a map', 'write keys like `vm-id: abc`'),
      )
      .refine((given) => Object.keys(given).length > 0, value.expected('a map with a key in it', 'name one at least'))
      .optional()
      .describe("Others of the interface's `external_ids`; all must be so, `*` and `?` as in names."),
  },
  value.expected('a map', 'write it like { name: vnet3 }'),
);

type SelectForm = z.infer<typeof selectForm>;

/** What a selected port may have: its row is another program's. */
const KEYS = new Set([
  'select',
  'access',
  'trunk',
  'native',
  'native-tagged',
  'dot1q-tunnel',
  'address',
  'mac',
  'serves',
]);

/** `name` is the interface's part of the key. undefined: the port is no selector, or an unsound one. */
export function readSelector(
  path: Path,
  name: string,
  port: { select?: SelectForm | undefined } | null | undefined,
  findings: Findings,
): PortSelector | undefined {
  const given = port?.select;
  const refuse = (at: Path, message: string, fix: string) =>
    findings.problem(at, `port ${name}: ${message}`, fix, 'key');
  if (given === undefined && (!isGlob(name) || findings.broken([...path, 'select']))) return undefined;

  if (given !== undefined && isGlob(name)) {
    refuse(
      path,
      'it selects by its key and by `select`',
      'write the pattern as `name` into `select`, or remove `select`',
    );
  } else if (given !== undefined && !value.NAME_PATTERN.test(name)) {
    refuse(
      path,
      `\`${name}\` is no label for what \`select\` selects`,
      'write 1 to 32 letters, digits, `-`, `_` or `.`',
    );
  }
  if (given !== undefined && Object.keys(given).length === 0 && !findings.broken([...path, 'select'])) {
    const marks = 'write `name`, `mac`, `ifaceId`, `attachedMac` or `externalIds` in it';
    refuse([...path, 'select'], '`select` says nothing of the port', marks);
  }
  const pattern = given === undefined ? name : given.name;
  if (pattern !== undefined && !/^[^\s/:,]{0,15}$/.test(pattern.replaceAll('*', ''))) {
    const at = given === undefined ? path : [...path, 'select', 'name'];
    refuse(
      at,
      `no interface has a name like \`${pattern}\``,
      'write at most 15 characters, without spaces, `/`, `:`, `,`',
    );
  }
  const written = findings.declared(...path.map(String));
  for (const each of Object.keys(port ?? {})) {
    if (KEYS.has(each) || !written.has(each)) continue;
    refuse([...path, each], `\`${each}\` is not for a port that another program makes`, 'remove it');
  }
  return {
    name: pattern,
    mac: given?.mac?.toLowerCase(),
    ifaceId: given?.ifaceId,
    attachedMac: given?.attachedMac?.toLowerCase(),
    externalIds: Object.fromEntries(Object.entries(given?.externalIds ?? {}).map(([id, each]) => [id, String(each)])),
  };
}

/** The keys of the file's port that say the same. */
export function writeSelector(name: string, select: PortSelector): { select?: Record<string, unknown> } {
  if (isGlob(name)) return {};
  const { externalIds, ...marks } = select;
  const given = Object.entries(marks).filter(([, each]) => each !== undefined);
  const others = Object.keys(externalIds).length === 0 ? {} : { externalIds };
  return { select: { ...Object.fromEntries(given), ...others } };
}

/** What selectors ask of their bridge and of each other. */
export function checkSelectors(bridges: readonly Bridge[], findings: Findings): void {
  const own = new Map<string, string>();
  for (const { ports } of bridges) {
    for (const { host, name, select, source } of ports) if (select === undefined) own.set(`${host}/${name}`, source);
  }
  for (const bridge of bridges) {
    const seen = new Map<string, string>();
    for (const { host, name, select, source } of bridge.ports) {
      if (select === undefined) continue;
      const path = ['bridges', bridge.name, 'ports', `${host}/${name}`];
      if (bridge.forwarding === 'normal') {
        findings.problem(
          path,
          `port ${name}: bridge ${bridge.name} forwards \`normal\`, where a port's segment is a tag in its row, and that row is another program's`,
          'remove `forwarding: normal`, or name the port without `select` so that it is made and kept by Flowloom',
          'key',
        );
      }
      const listed = select.name === undefined ? undefined : own.get(`${host}/${select.name}`);
      if (listed !== undefined) {
        findings.problem(
          [...path, 'select', 'name'],
          `port ${name} selects ${select.name}, which the file has as a port of its own (${listed})`,
          'keep one of them',
        );
      }
      const id = JSON.stringify([host, { ...select, externalIds: Object.entries(select.externalIds).sort() }]);
      const other = seen.get(id);
      if (other !== undefined) {
        findings.problem(path, `port ${name} selects the same as ${other}`, 'keep one of them', 'key');
      } else seen.set(id, `port ${name} (${source})`);
    }
  }
}
