/** Decoders of tagged unions, generated: a switch on the type, each variant written out in its case. */

import type { Form, Variants } from './codec.ts';
import {
  type Decode,
  type DecodeContext,
  type DecoderOf,
  decoded,
  numberAt,
  prologue,
  spent,
} from './compile-decode.ts';
import { createFunctionSource, createRun } from './generate.ts';
import { GIVE } from './give-up.ts';
import { isIrregular, UNKNOWN, weight } from './memory.ts';

const EXPERIMENTER = 0xffff;

export function generateTaggedDecoder(form: Form & { kind: 'tagged' }, decoderOf: DecoderOf): Decode {
  const source = createFunctionSource();
  const { lines } = source;
  const context: DecodeContext = {
    source,
    run: createRun(lines, (size) => `if (end - p < ${size}) ${GIVE}`),
    decoderOf,
    end: 'end',
    depth: 1,
  };
  const included = form.padding === 'included';
  lines.push(
    ...prologue(source),
    `let x; if (e - p < 4) ${GIVE}`,
    `const ${form.lengthFirst ? 'length' : 'code'} = ${numberAt('p', 16)};`,
    `const ${form.lengthFirst ? 'code' : 'length'} = ${numberAt('p + 2', 16)};`,
    'const end = p + length;',
    `if (length < 4 || end > e${included ? ' || (length & 7) !== 0' : ''}) ${GIVE}`,
    'p += 4;',
    'done: {',
  );
  if (form.extensions.length > 0) {
    lines.push(`if (code === ${EXPERIMENTER} && end - p >= 6) switch (${numberAt('p', 32)}) {`);
    for (const [experimenter, variants] of byExperimenter(form.extensions)) {
      lines.push(`case ${experimenter}: switch (${numberAt('p + 4', 16)}) {`);
      cases(context, variants, 'p += 6;');
      lines.push('} break;');
    }
    lines.push('}');
  }
  lines.push('switch (code) {');
  cases(context, form.variants, '');
  lines.push(
    `default: ${spent(UNKNOWN)}`,
    "x = { type: 'unknown', code, body: r.viewAt(p - o, end - o) };",
    '}',
    '}',
    form.padding === 'excluded' ? 'r.position = end - o + Math.min(-length & 7, e - end);' : 'r.position = end - o;',
    'r.end = e - o;',
    'return x;',
  );
  return source.build('decodeTagged', ['r']) as Decode;
}

function cases(context: DecodeContext, variants: Variants, head: string): void {
  const { lines } = context.source;
  // Where two variants have one code, the last is it.
  const byCode = new Map(Object.values(variants));
  for (const [code, codec] of byCode) {
    lines.push(`case ${code}: {`, head);
    const value = decoded(context, codec);
    // What replaces a codec keeps account itself.
    if (isIrregular(codec) && context.decoderOf(codec) === codec.decode) {
      lines.push(spent(`${context.source.constant(weight)}(${value})`));
    }
    context.run.flush();
    lines.push(`if (p !== end) ${GIVE}`, `x = ${value}; break done;`, '}');
  }
}

/** The interpreted codec looks in the first extension of a number only. */
function byExperimenter(extensions: (Form & { kind: 'tagged' })['extensions']): Map<number, Variants> {
  const found = new Map<number, Variants>();
  for (const { experimenter, variants } of extensions) {
    if (!found.has(experimenter)) found.set(experimenter, variants);
  }
  return found;
}
