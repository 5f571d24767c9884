// Processes by identity: a pid with its start time, so that a reused pid is never taken for ours.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessIdentity {
  pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  start: string;
}

export function identify(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  const start = fields?.[19];
  return start === undefined ? undefined : { pid, start };
}

/** A zombie has ended: only its parent has not asked yet. */
export function isAlive(identity: ProcessIdentity): boolean {
  const fields = statFields(identity.pid);
  return fields !== undefined && fields[19] === identity.start && fields[0] !== 'Z';
}

/** Asks each to end, and kills after `seconds` what has not. */
export async function terminate(identities: ProcessIdentity[], seconds = 3): Promise<void> {
  let left = identities.filter(isAlive);
  for (const identity of left) signal(identity, 'SIGTERM');
  for (const last of [Date.now() + seconds * 1000, Date.now() + (seconds + 2) * 1000]) {
    while (left.length > 0 && Date.now() < last) {
      await pause(20);
      left = left.filter(isAlive);
    }
    for (const identity of left) signal(identity, 'SIGKILL');
  }
}

export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended in between.
  }
}

/** The fields after the program's name, which may hold blanks and brackets itself. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
