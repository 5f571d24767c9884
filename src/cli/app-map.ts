/** `flowloom app map [FILE]`: the pipeline as it is woven, of the Flowloom that runs or of a file. */

import type { Command } from 'commander';
import type { PipelineMap } from '../api/pipeline.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { formatProblems } from '../config/problem.ts';
import { type AskFlags, addAskOptions, ask, askOptions } from './ask.ts';
import { formatTable } from './table.ts';

/** What the pipeline would be with the file, and what of it could not be found out. */
export type MapOfFile = (config: Config) => Promise<{ map: PipelineMap; unknown: string[] }>;

export function addAppMap(group: Command, ofFile: MapOfFile): void {
  const command = group
    .command('map')
    .description('who has which table, register bits, conntrack zones, groups and meters')
    .argument('[FILE]', 'as it would be with this file; without it: as it is in the Flowloom that runs');
  addAskOptions(command).action(async (file: string | undefined, flags: AskFlags) => {
    process.exitCode = await runAppMap(file, flags, ofFile);
  });
}

/** The exit code: 0; 1 where something could not be found out; 2 for a file that cannot be used. */
async function runAppMap(file: string | undefined, flags: AskFlags, ofFile: MapOfFile): Promise<number> {
  const options = askOptions(flags);
  let map: PipelineMap | undefined;
  let unknown: string[] = [];
  if (file === undefined) map = await ask<PipelineMap>({ ...options, otherwise: 'give FILE' }, 'pipeline');
  else {
    const loaded = loadConfig(file);
    if (!loaded.ok) {
      process.stderr.write(formatProblems(loaded.problems));
      return 2;
    }
    ({ map, unknown } = await ofFile(loaded.config));
  }
  if (map === undefined) return 1;
  process.stdout.write(options.json ? `${JSON.stringify(map, undefined, 2)}\n` : describePipeline(map));
  for (const line of unknown) process.stderr.write(`unknown: ${line}\n`);
  return unknown.length > 0 ? 1 : 0;
}

function describePipeline({ tables, fields, zones, groups, meters }: PipelineMap): string {
  const at = (switches: string[]) => switches.join(', ');
  const sections = [
    section(
      ['TABLE', 'NAME', 'STAGE', 'APP', 'FLOWS'],
      tables.map(({ id, name, stage, app, learned, flows }) => [
        String(id),
        name,
        stage,
        app,
        learned ? 'learned by the switch' : flows === 0 ? 'none: it does not exist' : String(flows),
      ]),
    ),
    section(
      ['FIELD', 'BITS', 'APP', 'USED BY', 'WHAT'],
      fields.map(({ name, bits, app, users, text }) => [
        name,
        bits,
        app ?? 'the pipeline',
        app === null ? 'all' : users.join(', '),
        text,
      ]),
    ),
    section(
      ['CT ZONE', 'NAME', 'APPS', 'SWITCHES'],
      zones.map(({ zone, name, apps, switches }) => [String(zone), name ?? '', apps.join(', '), at(switches)]),
    ),
    section(
      ['GROUP', 'APP', 'KEY', 'SWITCHES'],
      groups.map(({ id, app, key, switches }) => [String(id), app, key, at(switches)]),
    ),
    section(
      ['METER', 'APP', 'KEY', 'RATE', 'SWITCHES'],
      meters.map(({ id, app, key, rate, switches }) => [String(id), app, key, rate, at(switches)]),
    ),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(head: string[], rows: string[][]): string {
  return rows.length === 0 ? '' : formatTable([head, ...rows]);
}
