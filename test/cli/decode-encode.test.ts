/** `flowloom decode` and `flowloom encode` as processes: a line for a line, whatever comes; and single lines in detail. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeLine } from '../../src/cli/decode.ts';
import { encodeLine } from '../../src/cli/encode.ts';
import { labMessages } from '../oracle/lab-messages.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const FLOWLOOM = `${process.execPath} ${MAIN}`;
const BARRIER = '0514000800000001';
const BARRIER_JSON = '{"type":"barrierRequest","xid":1}';
const MIB = 1024 * 1024;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A line of bash, `flowloom` in it being ours; `input` is given in pieces, each when the one before is taken. */
function shell(line: string, input: Iterable<string | Uint8Array> = []): Promise<Ended> {
  return new Promise((resolve) => {
    const script = `set -o pipefail; ${line.replaceAll('flowloom ', `${FLOWLOOM} `)}`;
    const child = spawn('bash', ['-c', script], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    // Gone before it has read everything.
    child.stdin.on('error', () => undefined);
    const pieces = input[Symbol.iterator]();
    const feed = () => {
      const next = pieces.next();
      if (next.done === true) child.stdin.end();
      else child.stdin.write(next.value, feed);
    };
    feed();
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

const linesOf = (text: string) => text.split('\n').slice(0, -1);
const errorOf = (line: string) =>
  (JSON.parse(line) as { error: { message: string; path: string; offset: number } }).error;

describe('as processes', () => {
  test('a line for a line, in their order, exit 0: garbage, empty, CRLF, no end of the last', async () => {
    const input = `${BARRIER}\n\nzz\r\n0x05 14 00:08 00000002\r\n0514\n\u0000\n0514000800000003`;
    const { code, stdout, stderr } = await shell('flowloom decode', [input]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answers = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, false, true, false, false, true]);
    expect(answers[0]).toEqual({ ok: true, message: { type: 'barrierRequest', xid: 1 }, reencoded: BARRIER });
    expect(answers[3]).toMatchObject({ message: { xid: 2 } });
    expect(answers[6]).toMatchObject({ message: { xid: 3 } });

    const back = await shell('flowloom encode', [`${stdout}${BARRIER_JSON}\r\n[]\n\n{"type":\n${BARRIER_JSON}`]);
    expect({ code: back.code, stderr: back.stderr }).toEqual({ code: 0, stderr: '' });
    const wrong = linesOf(stdout);
    const lines = linesOf(back.stdout);
    expect(lines.slice(0, 4)).toEqual([BARRIER, wrong[1], wrong[2], '0514000800000002']);
    expect(lines[7]).toBe(BARRIER);
    for (const line of lines.slice(8, 11)) expect(JSON.parse(line)).toMatchObject({ ok: false });
    expect(lines.slice(11)).toEqual([BARRIER]);
  });

  test('nothing in, nothing out', async () => {
    for (const command of ['decode', 'encode']) {
      expect(await shell(`flowloom ${command}`)).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });

  test('decode | encode gives every message of the labs again', async () => {
    const hex = labMessages().map((bytes) => Buffer.from(bytes).toString('hex'));
    writeFileSync(join(folder, 'lab.hex'), `${hex.join('\n')}\n`);
    const { code, stdout, stderr } = await shell('flowloom decode < lab.hex | flowloom encode');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(hex);
  });

  test('however the input is cut into chunks', async () => {
    const text = `${BARRIER}\r\nzz\n${BARRIER}\n`;
    const whole = await shell('flowloom decode', [text]);
    expect(await shell('flowloom decode', [...text])).toEqual(whole);
    expect(linesOf(whole.stdout)).toHaveLength(3);
  });

  test('a line without end is one error, in bounded memory, and the next is read', async () => {
    const part = 'f'.repeat(MIB);
    function* input(): Generator<string> {
      yield `${BARRIER}\n`;
      for (let i = 0; i < 400; i++) yield part;
      yield `\n${BARRIER}\n`;
    }
    const tell = 'process.on("exit",()=>process.stderr.write(String(process.resourceUsage().maxRSS)))';
    const options = `NODE_OPTIONS='--import=data:text/javascript,${encodeURIComponent(tell)}'`;
    const { code, stdout, stderr } = await shell(`${options} flowloom decode`, input());
    expect(code).toBe(0);
    // In KiB; all but some 30 MiB are Node's own.
    expect(Number(stderr)).toBeLessThan(300 * 1024);
    const lines = linesOf(stdout);
    expect(lines).toHaveLength(3);
    expect(errorOf(lines[1]!)).toEqual({
      message: expect.stringMatching(/more than 16777216 bytes/),
      path: '',
      offset: 16 * MIB,
    });
    expect(lines[2]).toBe(lines[0]);
  });

  test('a hundred thousand lines come out as many', async () => {
    const piece = `${BARRIER}\n`.repeat(1000);
    const { code, stdout } = await shell('flowloom decode | flowloom encode | sort | uniq -c', Array(100).fill(piece));
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: `100000 ${BARRIER}` });
  });

  test('an answer is not held back until the input ends', async () => {
    const child = spawn(process.execPath, [MAIN, 'decode'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8');
    for (const xid of [1, 2]) {
      child.stdin.write(`051400080000000${xid}\n`);
      expect((await once(child.stdout, 'data')).join('')).toContain(`"xid":${xid}}`);
    }
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  test('a reader that goes away ends it quietly, exit 0', async () => {
    const piece = `${BARRIER}\n`.repeat(1000);
    function* endless(): Generator<string> {
      for (let i = 0; i < 10_000; i++) yield piece;
    }
    const ended = await shell('flowloom decode | head -1; echo "$' + '{PIPESTATUS[0]}"', endless());
    expect(ended).toEqual({ code: 0, stdout: expect.stringMatching(/^\{"ok":true.*\n0\n$/), stderr: '' });
  });

  test('output that cannot be written is said, exit 1', async () => {
    const ended = await shell(`echo ${BARRIER} | flowloom decode > /dev/full`);
    expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^flowloom: ENOSPC/) });
  });

  test('--help has an example that works', async () => {
    for (const command of ['decode', 'encode']) {
      const { stdout } = await shell(`flowloom ${command} --help`);
      const example = /^ +(echo .*)$/m.exec(stdout)?.[1] ?? '';
      expect(linesOf((await shell(example)).stdout)[0]).toMatch(/^(\{"ok":true.*|[0-9a-f]+)$/);
    }
  });
});

describe('decode', () => {
  test.for([
    [BARRIER.toUpperCase(), 'barrierRequest'],
    ['  05 14 00 08\t00:00:00:01  ', 'barrierRequest'],
    ['0x05140008 0x00000001', 'barrierRequest'],
    ['\ufeff0514000800000001', 'barrierRequest'],
    ['0600001000000001000100080000007e', 'hello'],
    ['0100000800000001', 'hello'],
    ['7f00000800000001', 'hello'],
    ['0101000c0000000100010001', 'error'],
    ['0403000800000001', 'echoReply'],
    ['0563000800000001', 'unknown'],
  ] as const)('%j is read', ([hex, type]) => {
    expect(JSON.parse(decodeLine(hex))).toMatchObject({ ok: true, message: { type } });
  });

  test('the version is told where it is another, and written again', () => {
    expect(decodeLine('0600001000000001000100080000007e')).toBe(
      '{"ok":true,"message":{"type":"hello","elements":[{"type":"versionBitmap","versions":[1,2,3,4,5,6]}],"xid":1,"version":6},"reencoded":"0600001000000001000100080000007e"}',
    );
  });

  test.for([
    ['', /empty line/, '', 0],
    ['   ', /empty line/, '', 0],
    ['05140008000000g1', /"g" in column 15/, '', 7],
    ['0514000', /odd number/, '', 3],
    ['05140008', /4 bytes are no message/, '', 4],
    ['0514000900000001', /cut short: its header says 9 bytes, the line has 8/, 'length', 8],
    [BARRIER + BARRIER, /ends after 8 bytes, the line has 16: one message per line/, 'length', 8],
    ['0514000700000001', /7 does not even hold the header/, 'length', 2],
    ['040e000800000001', /version 4, OpenFlow 1\.3/, 'version', 0],
    ['0914000800000001', /version 9, which is no OpenFlow/, 'version', 0],
    ['0000000800000001', /version 0/, 'version', 0],
    [
      `0522001800000001000000010000000004140008${'00000001'}`,
      /version 4, OpenFlow 1\.3/,
      'bundleAdd.message.version',
      16,
    ],
    ['05200010000000010414000800000001', /version 4, OpenFlow 1\.3/, 'requestForward.request.version', 8],
    [
      '0520002000000001052200180000000100000001000000000414000800000001',
      /version 4, OpenFlow 1\.3/,
      'requestForward.request.bundleAdd.message.version',
      24,
    ],
    ['050e000800000001', /needs 8 bytes/, 'flowMod.cookie', 8],
    ['ff'.repeat(70_000), /70000 bytes: a message has at most 65535/, '', 65535],
    ['{"type":"hello"}', /flowloom encode/, '', 0],
  ] as const)('%j is refused', ([hex, message, path, offset]) => {
    expect(errorOf(decodeLine(hex))).toEqual({ message: expect.stringMatching(message), path, offset });
  });

  test('64 bits and bytes', () => {
    const line = decodeLine(
      '050b0038000000010123456789abcdef0001020300000001000000020003000400000000000000050000000000000006000100040000000a',
    );
    expect(line).toContain('"cookie":"0x123456789abcdef"');
    expect(decodeLine('0502000b00000001c0ffee')).toContain('"data":"c0ffee"');
  });
});

describe('encode', () => {
  const flowMod = (more: string) =>
    `{"type":"flowMod","cookie":1,"cookieMask":"0x0","tableId":0,"command":"add","idleTimeout":0,"hardTimeout":0,"priority":1,"bufferId":4294967295,"outPort":"any","outGroup":"any","flags":[],"importance":0,"match":{},"instructions":[]${more},"xid":1}`;

  test('bigints as numbers and as text, of the same bytes', () => {
    const texts = ['1', '"1"', '"0x1"', '"0x0000000000000001"'].map((cookie) =>
      encodeLine(flowMod('').replace('"cookie":1', `"cookie":${cookie}`)),
    );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toMatch(/^050e[0-9a-f]+$/);
    for (const cookie of ['12345678901234567890', '1.5', '-1', 'null', '"1g"', '"0x10000000000000000"', 'true']) {
      const answer = encodeLine(flowMod('').replace('"cookie":1', `"cookie":${cookie}`));
      expect(errorOf(answer)).toMatchObject({ path: 'flowMod.cookie', offset: 8 });
    }
  });

  test.for([
    ['', /empty line/, '', 0],
    ['null', /no object/, '', 0],
    ['"hello"', /no object/, '', 0],
    ['[{}]', /no object/, '', 0],
    ['{}', /no object with a "type"/, '', 0],
    ['{"type":"helo","xid":1}', /"helo" is no message type/, '', 0],
    ['{"type":"constructor","xid":1}', /"constructor" is no message type/, '', 0],
    ['{"type":"barrierRequest"}', /is missing/, 'barrierRequest.xid', 4],
    ['{"type":"barrierRequest","xid":-1}', /-1 is not a whole number/, 'barrierRequest.xid', 4],
    ['{"type":"barrierRequest","xid":1,"Xid":2}', /would be lost/, 'barrierRequest.Xid', 8],
    ['{"type":"barrierRequest","xid":1,"__proto__":{}}', /would be lost/, 'barrierRequest.__proto__', 8],
    ['{"type":"barrierRequest","xid":1,"xid":2}', /the key "xid" stands twice/, '', 33],
    ['{"type":"barrierRequest","xid":1,}', /a key belongs in column 34, not \}/, '', 33],
    ['{"type":"barrierRequest" "xid":1}', /a comma or \} belongs in column 26/, '', 25],
    [`${BARRIER_JSON}${BARRIER_JSON}`, /the end of the line \(one message in each\) belongs in column 34/, '', 33],
    ['{"type":"barrierRequest","xid":1', /belongs in column 33, where it ends/, '', 32],
    ['{"type":"barrierRequest","xid":01}', /a value belongs in column 32, not 01/, '', 31],
    ['{"type":"barrierRequest","version":4,"xid":1}', /can't be read back: version 4, OpenFlow 1\.3/, 'version', 0],
    ['{"type":"unknown","code":14,"body":"","xid":1}', /can't be read back/, 'flowMod.cookie', 8],
    [BARRIER, /flowloom decode/, '', 0],
    ['{"ok":true}', /no line of flowloom decode/, '', 0],
    [`{"ok":true,"message":${BARRIER_JSON},"version":4}`, /would be lost/, 'version', 0],
    [flowMod(',"importanc":1'), /would be lost/, 'flowMod.importanc', 56],
    [flowMod('').replace('"match":{}', '"match":{"tcpdst":80}'), /is no field/, 'flowMod.match.tcpdst', 52],
  ] as const)('%j is refused', ([json, message, path, offset]) => {
    expect(errorOf(encodeLine(json))).toEqual({ message: expect.stringMatching(message), path, offset });
  });

  test('an optional key that is misspelt, deep inside', () => {
    const nat = '{"type":"nat","flags":["src"],"ipv4min":"10.0.0.1"}';
    const ct = `{"type":"ct","flags":["commit"],"zone":1,"alg":0,"actions":[${nat}]}`;
    const line = `{"type":"packetOut","bufferId":1,"inPort":1,"actions":[${ct}],"data":"","xid":1}`;
    expect(errorOf(encodeLine(line)).path).toBe('packetOut.actions.0.ct.actions.0.nat.ipv4min');
    expect(encodeLine(line.replace('ipv4min', 'ipv4Min'))).toMatch(/^050d/);
  });

  test('a line of decode, also one that was changed in it; errors are passed on', () => {
    const line = decodeLine(BARRIER);
    expect(encodeLine(line)).toBe(BARRIER);
    expect(encodeLine(line.replace('"xid":1', '"xid":2'))).toBe('0514000800000002');
    const error = decodeLine('zz');
    expect(encodeLine(error)).toBe(error);
    expect(encodeLine(encodeLine('{}'))).toBe(encodeLine('{}'));
  });

  test('blanks, escapes and keys in texts are no duplicates', () => {
    expect(encodeLine(' { "type" :\t"barrierRequest" , "xid" : 1 } ')).toBe(BARRIER);
    expect(encodeLine('{"type":"barrierRequest","\\u0078id":1}')).toBe(BARRIER);
    const port = '{"portNo":1,"hwAddr":"00:00:00:00:00:01","name":"a\\":b","config":[],"state":[],"properties":[]}';
    expect(encodeLine(`{"type":"portStatus","reason":"add","desc":${port},"xid":1}`)).toMatch(/^050c/);
  });

  test('large JSON that is no message is refused without trouble', () => {
    const deep = '['.repeat(1_000_000);
    const texts = [
      deep,
      `{"type":${deep}`,
      `"${'\\n'.repeat(1_000_000)}`,
      '9'.repeat(1_000_000),
      '{"a":1,'.repeat(300_000),
    ];
    for (const text of texts) expect(errorOf(encodeLine(text)).message).not.toContain('mistake');
  });
});
