/** Writes docs/openflow-coverage.md from the schemas of the codec: `node scripts/openflow-coverage.ts`. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { action } from '../proto/openflow/action.ts';
import { error } from '../proto/openflow/error.ts';
import { NICIRA } from '../proto/openflow/experimenter.ts';
import { MESSAGES, message } from '../proto/openflow/message.ts';
import { PARTS } from '../proto/openflow/multipart.ts';
import { NICIRA_MESSAGES } from '../proto/openflow/nicira/message.ts';
import { NICIRA_PARTS } from '../proto/openflow/nicira/multipart.ts';
import { FIELD_NAMES, fieldRow } from '../proto/openflow/oxm-fields.ts';
import type { AnyCodec } from '../proto/wire/codec.ts';
import { namedPartsOf } from '../proto/wire/walk.ts';
import { OPENFLOW_STRUCTURES } from './openflow-structures.ts';

export const COVERAGE = fileURLToPath(new URL('../docs/openflow-coverage.md', import.meta.url));

/** Each structure that a schema says that it is → where its first value stands, from the message inwards. */
export function structuresFound(): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<AnyCodec>();
  let level: [path: string, codec: AnyCodec][] = roots();
  while (level.length > 0) {
    const next: typeof level = [];
    for (const [path, codec] of level) {
      if (seen.has(codec)) continue;
      seen.add(codec);
      if (codec.structure !== undefined && !found.has(codec.structure)) found.set(codec.structure, path);
      for (const [name, part] of namedPartsOf(codec)) next.push([name === '' ? path : `${path}.${name}`, part]);
    }
    level = next;
  }
  return found;
}

function roots(): [string, AnyCodec][] {
  const messages = Object.entries({ ...MESSAGES, ...NICIRA_MESSAGES }).map(([name, [, codec]]): [string, AnyCodec] => [
    name,
    codec,
  ]);
  const parts = Object.entries({ ...PARTS, ...NICIRA_PARTS }).flatMap(
    ([kind, [, request, reply]]): [string, AnyCodec][] => [
      [`multipartRequest.${kind}`, request],
      [`multipartReply.${kind}`, reply],
    ],
  );
  return [['every message', message], ...messages, ...parts];
}

export function coverage(): string {
  const found = structuresFound();
  const structures = Object.entries(OPENFLOW_STRUCTURES).flatMap(([section, names]) =>
    names.map((name) => [section, `\`${name}\``, code(found.get(name))]),
  );
  const specified = new Set(Object.values(OPENFLOW_STRUCTURES).flat());
  const nicira = [...found].filter(([name]) => !specified.has(name)).sort();
  const multiparts = [...numberRows(PARTS), ...numberRows(NICIRA_PARTS, NICIRA)];
  const messages = [...numberRows(MESSAGES), ...numberRows(NICIRA_MESSAGES, NICIRA)];
  return `# What of OpenFlow the codec speaks

<!-- written by scripts/openflow-coverage.ts -->

Made from the schemas in \`proto/openflow\`: \`node scripts/openflow-coverage.ts\` writes it anew, and a test holds it to
them. What no schema names (types, properties, actions, fields of later versions or of other vendors) is kept and
written back byte for byte.

## Structures of OpenFlow 1.4.1

The third column says where a structure stands in a decoded message, as the paths of errors do: by fields, and where a
value has one of several forms, by its type or kind. \`multipartReply.flow\` is the \`reply\` of a \`multipartReply\` whose
\`kind\` is \`flow\`; \`flowMod.instructions.meter\` is what in \`instructions\` has the \`type\` \`meter\`.

${table(['section', 'structure', 'in Flowloom'], structures)}
## Messages

With an experimenter's number in front: messages of the type 4, multiparts and actions of the type 65535 that are its own.

${table(['type', 'message'], messages)}
## Multipart types

${table(['type', 'kind'], multiparts)}
## Actions

${table(['type', 'action'], actionRows())}
## Fields

${table(
  ['field', 'ovs-ofctl', 'bits', 'mask', 'class', 'number', 'needs'],
  FIELD_NAMES.map((name) => {
    const { ovs, bits, maskable, header, prerequisite } = fieldRow(name);
    const oxmClass = `0x${header.oxmClass.toString(16).padStart(4, '0')}`;
    const owner = header.experimenter === undefined ? '' : `, 0x${header.experimenter.toString(16)}`;
    return [
      `\`${name}\``,
      `\`${ovs}\``,
      String(bits),
      maskable ? 'yes' : '',
      `${oxmClass}${owner}`,
      String(header.field),
      prerequisite ?? '',
    ];
  }),
)}
## Nicira's and Open vSwitch's structures

${table(
  ['structure', 'in Flowloom'],
  nicira.map(([name, path]) => [`\`${name}\``, code(path)]),
)}
## Errors

${table(['type', 'codes'], errorRows())}`;
}

/** A row for each name, in the order of their numbers. */
function numberRows(
  names: Readonly<Record<string, readonly [number, ...unknown[]]>>,
  experimenter?: number,
): string[][] {
  const prefix = experimenter === undefined ? '' : `0x${experimenter.toString(16)}, `;
  return Object.entries(names)
    .sort(([, [a]], [, [b]]) => a - b)
    .map(([name, [number]]) => [`${prefix}${number}`, `\`${name}\``]);
}

function actionRows(): string[][] {
  const { form } = action;
  if (form?.kind !== 'tagged') throw new Error('actions are no tagged union any more');
  const own = form.extensions.flatMap(({ experimenter, variants }) => numberRows(variants, experimenter));
  return [...numberRows(form.variants), ...own];
}

function errorRows(): string[][] {
  if (error.form?.kind !== 'choice') throw new Error('errors are no choice of types any more');
  return Object.entries(error.form.variants).map(([type, [, codec]]) => {
    const fields = codec.form?.kind === 'struct' ? codec.form.fields : [];
    const code = fields.find(({ name }) => name === 'code')?.codec.form;
    const codes = code?.kind === 'enumeration' ? Object.keys(code.codes) : [];
    return [`\`${type}\``, codes.map((each) => `\`${each}\``).join(' ')];
  });
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function code(path: string | undefined): string {
  return path === undefined ? '**missing**' : `\`${path}\``;
}

if (import.meta.main) writeFileSync(COVERAGE, coverage());
