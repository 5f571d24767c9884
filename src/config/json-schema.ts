/** JSON Schema (2020-12) of the user's file, for editors and for the reference in docs/config.md. */

import { z } from 'zod';
import { fileForm } from './schema-file.ts';

export function configJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(fileForm, { io: 'input' }), title: 'flowloom.yaml' };
}
