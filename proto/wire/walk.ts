/** Walks a schema: every codec that it is made of. */

import type { AnyCodec } from './codec.ts';

/** The codecs that `codec` names itself. */
export function partsOf({ form }: AnyCodec): AnyCodec[] {
  switch (form?.kind) {
    case 'struct':
      return form.fields.map(({ codec }) => codec);
    case 'list':
      return [form.item];
    case 'tagged':
      return [form.variants, ...form.extensions.map(({ variants }) => variants)].flatMap((variants) =>
        Object.values(variants).map(([, codec]) => codec),
      );
    case 'enumeration':
    case 'flags':
      return [form.base];
    case 'lazy':
      return [form.get()];
    case 'custom':
      return [...form.parts];
    default:
      return [];
  }
}

/** `root` and every schema inside it, each once, outer ones first. */
export function schemasInside(root: AnyCodec): Set<AnyCodec> {
  const found = new Set<AnyCodec>([root]);
  for (const codec of found) for (const part of partsOf(codec)) found.add(part);
  return found;
}
