/** The log: lines that a person can follow on a terminal, JSON (pino's) with FLOWLOOM_LOG=json. */

import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** Throws where the environment names no level. */
export function createLog(environment: NodeJS.ProcessEnv = process.env): Logger {
  const level = levelOf(environment.FLOWLOOM_LOG_LEVEL);
  if (environment.FLOWLOOM_LOG === 'json') return pino({ level });
  const stream = pretty({
    colorize: process.stdout.isTTY === true,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    // What has fields is one line with them behind; an error's stack has its lines.
    singleLine: true,
    errorLikeObjectKeys: ['err', 'error', 'stack'],
    ignore: 'pid,hostname,app,switch,name',
    // As lines; what an error has from a packet must not steer the terminal.
    customPrettifiers: { stack: (stack) => String(stack).replaceAll(/[^\P{Cc}\n]/gu, ' ') },
    messageFormat: '{if app}{app} on {switch}: {end}{msg}',
  });
  return pino({ level }, stream);
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function levelOf(level = ''): string {
  if (level === '') return 'info';
  if (LEVELS.includes(level)) return level;
  throw new Error(`FLOWLOOM_LOG_LEVEL is "${level}", which is no level: set one of ${LEVELS.join(', ')}`);
}
