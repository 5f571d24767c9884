/** Networks that were built by hand, as their files were given, and a lab of what is imported of them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Draft, sentencesOf } from '../../src/import/draft.ts';
import { writeFile } from '../../src/import/write-file.ts';
import { type Lab, lab, packet } from '../../src/testing/index.ts';
import type { LabOptions } from '../../src/testing/lab-interface.ts';

export const router = 'edge';

export const given = (name: string) => readFileSync(join(import.meta.dirname, 'given', name), 'utf8');

/** Of a folder of Shorewall's. */
export function reader(folder: string): (name: string) => string | undefined {
  return (name) => {
    try {
      return given(join(folder, name));
    } catch {
      return undefined;
    }
  };
}

/** The draft's file with what people have to fill in; everybody has heard of the router, and it of them. */
export async function imported(
  draft: Draft,
  filledIn: Readonly<Record<string, string>>,
  guests: NonNullable<LabOptions['guests']>,
): Promise<Lab> {
  let file = writeFile(draft, 'imported');
  for (const [before, after] of Object.entries(filledIn)) {
    if (!file.includes(before)) throw new Error(`there is no \`${before}\` in\n${file}`);
    file = file.replace(before, after);
  }
  const net = await lab({ file, guests });
  for (const [name, { gateway }] of Object.entries(guests)) {
    if (gateway !== undefined) await net.send(name, packet.arp({ dst: gateway }));
  }
  return net;
}

/** Places of the file's sentences, and of the lines that were told. */
export function placesOf(draft: Draft): Set<string> {
  return new Set([...sentencesOf(draft), ...draft.unmapped, ...draft.needless].map(({ place }) => place));
}
