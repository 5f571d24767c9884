// `npm run bench [-- NAME…] [--json] [--rounds N] [--milliseconds N]`: the codec beside its peers, in the same run.
import { parseArgs } from 'node:util';
import { type Case, CODEC, cases } from './cases.ts';
import { type Figure, measure } from './measure.ts';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '31' },
    milliseconds: { type: 'string', default: '20' },
  },
});

function columns(...cells: string[]): string {
  return `  ${cells[0]!.padEnd(16)}${cells
    .slice(1)
    .map((cell) => `  ${cell.padStart(16)}`)
    .join('')}\n`;
}

const grouped = (value: number) => Math.round(value).toLocaleString('en-US');

function table({ name, text }: Case, figures: readonly Figure[]): string {
  const own = figures.find((figure) => figure.name === CODEC)!;
  const lines = [`${name}: ${text}\n`, columns('', 'median ns', 'middle half', 'a second', `times ${CODEC}'s`)];
  for (const { name: peer, median, lower, upper } of figures) {
    const spread = `${grouped(lower)}–${grouped(upper)}`;
    lines.push(columns(peer, grouped(median), spread, grouped(1e9 / median), `${(median / own.median).toFixed(2)}×`));
  }
  return `${lines.join('')}\n`;
}

const all = cases();
const strange = names.filter((name) => !all.some((each) => each.name === name));
if (strange.length > 0) {
  process.stderr.write(`no benchmark ${strange.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
const effort = { rounds: Number(options.rounds), milliseconds: Number(options.milliseconds) };
if (!Object.values(effort).every((value) => value >= 1)) {
  process.stderr.write('--rounds and --milliseconds take a number from 1 on\n');
  process.exit(2);
}

const results: unknown[] = [];
for (const each of all) {
  if (names.length > 0 && !names.includes(each.name)) continue;
  const figures = measure(each.peers, effort);
  if (!options.json) process.stdout.write(table(each, figures));
  results.push({
    name: each.name,
    text: each.text,
    peers: figures.map((figure) => ({ ...figure, opsPerSecond: 1e9 / figure.median })),
  });
}
if (options.json) {
  const { version, arch, platform } = process;
  process.stdout.write(`${JSON.stringify({ node: version, arch, platform, ...effort, results }, undefined, 2)}\n`);
}
