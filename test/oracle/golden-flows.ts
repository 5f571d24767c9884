// The flows, groups and meters of test/golden/flows.txt, in ovs-ofctl's text.
import { readFileSync } from 'node:fs';

export interface GoldenText {
  flows: string[];
  groups: string[];
  meters: string[];
}

/** One line each, comments left out, under the section that it stands in: `[flows]`, `[groups]`, `[meters]`. */
export function goldenText(): GoldenText {
  const found: GoldenText = { flows: [], groups: [], meters: [] };
  let section: string[] = [];
  for (const line of readFileSync(new URL('../golden/flows.txt', import.meta.url), 'utf8').split('\n')) {
    const name = /^\[(\w+)\]$/.exec(line)?.[1];
    if (name !== undefined) section = found[name as keyof GoldenText];
    else if (line !== '' && !line.startsWith('#')) section.push(line);
  }
  return found;
}
