/** The log: lines that a person can follow on a terminal, JSON (pino's) with FLOWLOOM_LOG=json. */

import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export function createLog(environment: NodeJS.ProcessEnv = process.env): Logger {
  const level = environment.FLOWLOOM_LOG_LEVEL ?? 'info';
  if (environment.FLOWLOOM_LOG === 'json') return pino({ level });
  const stream = pretty({
    colorize: process.stdout.isTTY === true,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,app,switch,name',
    messageFormat: '{if app}{app} on {switch}: {end}{msg}',
  });
  return pino({ level }, stream);
}
