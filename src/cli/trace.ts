/** `flowloom trace [FILE] WORDS…`: a packet's way through stages, apps, rules and NAT, and what decided it. */

import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { TraceReport, TraceRequest } from '../api/trace.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { formatProblems, formatWarnings } from '../config/problem.ts';
import { pointed } from '../flow/text/flow-text-error.ts';
import { readCapture } from '../packet/pcap.ts';
import { KINDS, OPTIONS, PacketWordsError } from '../trace/packet-words.ts';
import { parsePacketWords } from '../trace/parse-packet.ts';
import { type AskFlags, addAskOptions, askOptions, reach } from './ask.ts';
import { describeTrace } from './describe-trace.ts';

/** Traces on what the file's apps would put into its switches. Throws UnusableError. */
export type TraceFile = (config: Config, request: TraceRequest) => Promise<TraceReport>;

interface TraceFlags extends AskFlags {
  hex?: string;
  pcap?: string;
  packet?: number | 'all';
  in?: string;
  ctNext: string[];
  reply?: boolean;
  all?: boolean;
}

/** The exit code: 0, whatever the verdict; 1 where it could not be traced; 2 for words or a file that can't be used. */
async function runTrace(given: string[], flags: TraceFlags, traceFile: TraceFile): Promise<number> {
  const { file, words } = divide(given, flags);
  const request = requestOf(words, flags);
  if (typeof request === 'string') return refuse(request);
  let report: TraceReport;
  if (file === undefined) {
    const options = { ...askOptions(flags), otherwise: 'give FILE to trace on a file alone' };
    const answer = await reach<TraceReport>(options, 'trace', request);
    if (!answer.ok) {
      const isWords = answer.code === 'bad-words' || answer.code === 'bad-packet';
      return refuse(isWords ? explained(bare(answer.message, options.api), words) : answer.message, isWords ? 2 : 1);
    }
    report = answer.body;
  } else {
    const loaded = loadConfig(file);
    if (!loaded.ok) return refuse(formatProblems(loaded.problems).trimEnd());
    process.stderr.write(formatWarnings(loaded.warnings));
    try {
      report = await traceFile(loaded.config, request);
    } catch (error) {
      if (!(error instanceof Error) || !isColumn(error.message)) throw error;
      return refuse(explained(error.message, words));
    }
  }
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : describeTrace(report, flags.all === true),
  );
  return report.packets.some(({ problem }) => problem !== null) ? 1 : 0;
}

/** What comes before `from` is the file; so is a word alone where the packet is given otherwise. */
function divide(given: string[], { hex, pcap }: TraceFlags): { file: string | undefined; words: string } {
  const [first, second] = given;
  const isFile =
    first !== undefined &&
    first !== 'from' &&
    (second === 'from' || hex !== undefined || pcap !== undefined || /\.ya?ml$/.test(first));
  return { file: isFile ? first : undefined, words: (isFile ? given.slice(1) : given).join(' ') };
}

/** Or what is wrong. */
function requestOf(words: string, flags: TraceFlags): TraceRequest | string {
  const { hex, pcap, packet, ctNext, reply } = flags;
  const ways = [words !== '', hex !== undefined, pcap !== undefined].filter((isGiven) => isGiven).length;
  if (ways !== 1)
    return ways === 0
      ? 'say a packet: flowloom trace from PORT tcp to ADDRESS:PORT, or give --hex or --pcap'
      : 'give the packet in one way: in words, with --hex, or with --pcap';
  if (packet !== undefined && pcap === undefined) return '--packet is of --pcap';
  const request: TraceRequest = {
    ...(flags.in === undefined ? {} : { in: flags.in }),
    ...(ctNext.length === 0 ? {} : { ctNext }),
    ...(reply === true ? { reply } : {}),
  };
  if (hex !== undefined) return { ...request, frames: [hex.replace(/\s/g, '')] };
  if (pcap !== undefined) {
    const frames = framesOf(pcap, packet ?? 1);
    return typeof frames === 'string' ? frames : { ...request, frames };
  }
  if (flags.in !== undefined) return '--in is of --hex and --pcap: in words, `from` says it';
  try {
    parsePacketWords(words);
  } catch (error) {
    if (!(error instanceof PacketWordsError)) throw error;
    return explained(error.message, words);
  }
  return { ...request, words };
}

function framesOf(file: string, packet: number | 'all'): string[] | string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return `${file} can't be read: ${(error as Error).message}`;
  }
  const capture = readCapture(bytes);
  if (!capture.ok) return `${file}: ${capture.problem}`;
  const { frames } = capture;
  if (packet !== 'all' && frames[packet - 1] === undefined)
    return `${file} has no packet ${packet}: it has ${frames.length}`;
  const chosen = packet === 'all' ? frames : [frames[packet - 1]!];
  const cut = chosen.findIndex(({ frame, originalLength }) => frame.length < originalLength);
  if (cut >= 0) return `packet ${packet === 'all' ? cut + 1 : packet} of ${file} was not captured whole`;
  return chosen.map(({ frame }) => Buffer.from(frame).toString('hex'));
}

const isColumn = (message: string) => /^column \d+: /.test(message);

/** The API's answer names it; the words are the user's own. */
function bare(message: string, api: string): string {
  return message.startsWith(`${api}: `) ? message.slice(api.length + 2) : message;
}

/** With the words and a caret below them. */
function explained(message: string, words: string): string {
  const column = /^column (\d+): /.exec(message)?.[1];
  return column === undefined || words === '' ? message : `${message}\n${pointed(words, Number(column))}`;
}

function refuse(message: string, code = 2): number {
  process.stderr.write(`${message}\n`);
  return code;
}

const collect = (value: string, values: string[]) => [...values, value];

function packetNumber(text: string): number | 'all' {
  if (text === 'all') return text;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('give a number from 1, or all.');
  return Number(text);
}

export function addTrace(program: Command, traceFile: TraceFile): void {
  const command = program
    .command('trace')
    .description(
      "a packet's way through stages, apps, rules and NAT, and the line of the file that decides it; sends nothing",
    )
    .argument('[FILE]', 'on what this file would put into switches; without it: on what stands in them')
    .argument('[WORDS...]', 'the packet: from PORT tcp to ADDRESS:PORT')
    .option('--hex <digits>', 'the packet as a frame in hexadecimal digits')
    .option('--pcap <file>', 'the packet out of a capture file')
    .option('--packet <n>', 'which one of the capture file, or all', packetNumber)
    .option('--in <port>', 'the port by which a frame comes in; without it where its sender is known to be')
    .option(
      '--ct-next <state>',
      'what conntrack says when the packet comes back: trk,est; once for each time, then as a new connection',
      collect,
      [],
    )
    .option('--reply', 'trace the answer, too, where somebody gets the packet')
    .option('--all', 'every table and flow, with its actions and what the pipeline carries along');
  addAskOptions(command)
    .addHelpText('after', help())
    .action(async (file: string | undefined, words: string[], flags: TraceFlags) => {
      process.exitCode = await runTrace([...(file === undefined ? [] : [file]), ...words], flags, traceFile);
    });
}

function help(): string {
  const rows = (words: Record<string, string>) =>
    Object.entries(words).map(([word, text]) => `  ${word.padEnd(8)} ${text}`);
  const lines = [
    '',
    'The packet in words: from PORT KIND … to ADDRESS …',
    '  PORT is web1, hv1/web1, hv1/br0:web1 or hv1/br0:3; the MAC or IP address of a station; a host.',
    '',
    'Kinds:',
    ...rows(KINDS),
    '',
    'Further words:',
    ...rows(OPTIONS),
    '',
    'Examples:',
    '  flowloom trace from web1 tcp to 10.0.0.2:80',
    '  flowloom trace from hv1/br0:p3 udp 10.0.0.5:53 to 10.0.0.9:4000 vlan 5',
    '  flowloom trace flowloom.yaml from web1 ping 10.0.0.2 ttl 1',
    '  flowloom trace --pcap capture.pcap --packet all --in web1',
  ];
  return `${lines.join('\n')}\n`;
}
