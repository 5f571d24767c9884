/** What is seen of a run of labs: one alone tells all at once; of several each is told whole when it ends. */
import type { WriteStream } from 'node:tty';
import type { Lab } from './lab.ts';

export interface Progress {
  started(lab: Lab): void;
  said(lab: string, text: string): void;
  ended(lab: Lab): void;
  /** Nothing more comes. */
  close(): void;
}

type Output = Pick<WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

const CLEAR_BELOW = '\x1b[J';
const up = (lines: number) => (lines === 0 ? '' : `\x1b[${lines}A`);

/** `labs`: how many there are in all; `jobs`: how many run at once. */
export function openProgress(labs: number, jobs: number, output: Output = process.stdout): Progress {
  if (labs === 1 || jobs === 1) return { started() {}, said: (_, text) => output.write(text), ended() {}, close() {} };
  return output.isTTY === true ? liveProgress(labs, output) : plainProgress(output);
}

function plainProgress(output: Output): Progress {
  const kept = new Map<string, string>();
  return {
    started() {},
    said: (lab, text) => kept.set(lab, (kept.get(lab) ?? '') + text),
    ended(lab) {
      output.write(kept.get(lab.name) ?? '');
      kept.delete(lab.name);
    },
    close() {},
  };
}

/** A line for each that runs and one for all, at the end of what those that have ended told. */
function liveProgress(labs: number, output: Output): Progress {
  const kept = new Map<string, string>();
  const running = new Map<Lab, number>();
  const total = { ended: 0, passed: 0, failed: 0 };
  const begin = Date.now();
  let shown = 0;

  function draw(before = ''): void {
    const lines = [...running].map(
      ([lab, since]) => `  ${lab.name.padEnd(24)}${counts(lab)}, ${secondsSince(since)} s`,
    );
    const { ended, passed, failed } = total;
    lines.push(`${ended} of ${labs} labs done, ${passed} checks passed, ${failed} failed, ${secondsSince(begin)} s`);
    const width = output.columns ?? 80;
    output.write(
      `${up(shown)}\r${CLEAR_BELOW}${before}${lines.map((line) => `${line.slice(0, width - 1)}\n`).join('')}`,
    );
    shown = lines.length;
  }

  const clock = setInterval(draw, 1000);
  clock.unref();
  return {
    started(lab) {
      running.set(lab, Date.now());
      draw();
    },
    said(lab, text) {
      kept.set(lab, (kept.get(lab) ?? '') + text);
    },
    ended(lab) {
      running.delete(lab);
      total.ended++;
      total.passed += lab.passed;
      total.failed += lab.failures.length;
      draw(kept.get(lab.name) ?? '');
      kept.delete(lab.name);
    },
    close: () => clearInterval(clock),
  };
}

function counts({ passed, failures }: Lab): string {
  return `${passed} checks passed${failures.length === 0 ? '' : `, ${failures.length} FAILED`}`;
}

function secondsSince(time: number): number {
  return Math.round((Date.now() - time) / 1000);
}
