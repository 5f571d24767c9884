/** ofp_match written by generated code: a switch on the field's name. Fields that are not plain go through the interpreted codec. */

import { type Encode, roomFor } from '../wire/compile-encode.ts';
import { createFunctionSource } from '../wire/generate.ts';
import { GIVE, GIVE_UP } from '../wire/give-up.ts';
import type { Writer } from '../wire/writer.ts';
import { encodeOxm } from './oxm.ts';
import { type FieldValue, fieldRow } from './oxm-fields.ts';
import { headerOf, PLAIN_FIELDS, put } from './oxm-plain.ts';

/** Longest field: 4 bytes of header, value and mask of 16. */
const LONGEST = 36;

function encodeOther(writer: Writer, name: string, value: FieldValue): void {
  encodeOxm(writer, name, value);
}

export function matchEncoder(): Encode {
  const source = createFunctionSource();
  const { lines } = source;
  const index = source.constant(new Map(PLAIN_FIELDS.map((name, i) => [name, i])));
  lines.push(
    `const G = ${source.constant(GIVE_UP)}; let b = w.buffer, v = w.view, p = w.position;`,
    `if (typeof o !== 'object' || o === null || Array.isArray(o)) ${GIVE}`,
    'const start = p;',
    roomFor(12),
    'p += 4;',
    'for (const name in o) {',
    'const x = o[name];',
    'if (x === undefined) continue;',
    roomFor(LONGEST),
    `switch (${index}.get(name)) {`,
  );
  for (const [i, name] of PLAIN_FIELDS.entries()) {
    const row = fieldRow(name);
    const head = (masked: boolean) => `v.setUint32(p, ${headerOf(name, masked)});`;
    const type = row.kind === 'number' || row.kind === 'bigint' ? row.kind : 'string';
    lines.push(`case ${i}: if (typeof x === '${type}') {`, head(false), ...put(source, row, 'x', 'p + 4'));
    lines.push(`p += ${4 + row.bytes}; continue;`, '}');
    if (row.maskable) {
      lines.push(`if (typeof x === 'object') { const k = x.value, m = x.mask;`, head(true));
      lines.push(...put(source, row, 'k', 'p + 4'), ...put(source, row, 'm', `p + ${4 + row.bytes}`));
      lines.push(`p += ${4 + 2 * row.bytes}; continue;`, '}');
    }
    lines.push('break;');
  }
  lines.push(
    '}',
    `w.position = p; ${source.constant(encodeOther)}(w, name, x);`,
    'p = w.position; b = w.buffer; v = w.view;',
    '}',
    `if (p - start > 65535) ${GIVE}`,
    'v.setUint32(start, 65536 + p - start);',
    roomFor(8),
    'while ((p - start & 7) !== 0) b[p++] = 0;',
    'w.position = p;',
  );
  return source.build('encodeMatch', ['w', 'o']) as Encode;
}
