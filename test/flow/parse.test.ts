// Flows, matches and actions from text: what can't be read is told with its column, and nothing else goes wrong.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatActions, parseActions } from '../../src/flow/text/action-list.ts';
import { FlowTextError } from '../../src/flow/text/flow-text-error.ts';
import { formatMatch } from '../../src/flow/text/format-match.ts';
import { formatInstructions, parseInstructions } from '../../src/flow/text/instructions.ts';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { parseMatch } from '../../src/flow/text/parse-match.ts';
import { BAD_FLOWS } from './bad-flows.ts';

function errorOf(read: () => unknown): FlowTextError {
  try {
    read();
  } catch (error) {
    if (error instanceof FlowTextError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('errors', () => {
  test.for(BAD_FLOWS)('%s', ([text, column, problem]) => {
    const error = errorOf(() => parseFlow(text));
    expect(error.message).toBe(`flow text, column ${column}: ${problem}`);
    expect(error.column).toBe(column);
  });

  test('of every place in the parser that raises one', () => {
    const directory = new URL('../../src/flow/text/', import.meta.url);
    const places = readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...readFileSync(new URL(name, directory), 'utf8').matchAll(/throw \w*(fault|no[A-Z]\w+)\(/g),
      ]);
    expect(places.length).toBeGreaterThan(80);
    expect(new Set(BAD_FLOWS.map(([, , problem]) => problem)).size).toBeGreaterThan(places.length);
  });

  test('show the text with a caret under the column', () => {
    const error = errorOf(() => parseFlow('table=3,tcp,in_port=1,tcp_dts=80 actions=drop'));
    expect(error.explained).toBe(
      [
        'flow text, column 23: "tcp_dts" is no match field, nor anything else of a flow; did you mean tcp_dst?',
        '  table=3,tcp,in_port=1,tcp_dts=80 actions=drop',
        '                        ^',
      ].join('\n'),
    );
  });

  test('show of a long text what is near the column', () => {
    const before = 'output:1,'.repeat(1000);
    const error = errorOf(() => parseFlow(`actions=${before}outptu:2,${before}drop`));
    expect(error.column).toBe(9009);
    const [, text = '', caret = ''] = error.explained.split('\n');
    expect(text.length).toBeLessThan(130);
    expect(text.slice(caret.indexOf('^')).startsWith('outptu:2')).toBe(true);
  });

  test('show what breaks lines as spaces', () => {
    const error = errorOf(() => parseFlow('ip,\n\tbad\n,actions=drop'));
    expect(error.explained.split('\n').slice(1)).toEqual(['  ip,  bad ,actions=drop', '       ^']);
  });

  test('of lists inside lists end at a depth', () => {
    const nested = (depth: number) => `actions=${'clone('.repeat(depth)}1${')'.repeat(depth)}`;
    expect(parseFlow(nested(32)).instructions).toHaveLength(1);
    expect(errorOf(() => parseFlow(nested(33))).message).toMatch(
      /^flow text, column 207: more than 32 lists of actions inside one another$/,
    );
  });
});

describe('names that the caller knows', () => {
  const names = {
    port: (name: string) => ({ eth0: 7 })[name],
    table: (name: string) => ({ ingress: 3 })[name],
  };

  test('are ports and tables wherever they may stand', () => {
    const text =
      'table=ingress,in_port=eth0,actions=output:eth0,eth0,resubmit(eth0,ingress),enqueue:eth0:1,' +
      'output(port=eth0,max_len=64),learn(table=ingress,in_port=eth0),ct(table=ingress),goto_table:ingress';
    const numbers = text.replaceAll('eth0', '7').replaceAll('ingress', '3');
    expect(parseFlow(text, names)).toEqual(parseFlow(numbers.replace(',7,', ',output:7,')));
  });

  test('may stand in quotes, as dump-flows has them', () => {
    const port = (name: string) => (name === 'eth-0:1' ? 8 : undefined);
    expect(parseMatch('in_port="eth-0:1"', { port })).toEqual({ inPort: 8 });
    expect(parseActions('output:"eth-0:1"', { port })).toEqual([{ type: 'output', port: 8, maxLen: 0 }]);
  });

  test('do not hide the reserved ports', () => {
    expect(parseMatch('in_port=local', { port: () => 5 })).toEqual({ inPort: 0xfffffffe });
  });
});

describe('parts of a flow alone', () => {
  test('matches', () => {
    const text = 'tcp,in_port=1,nw_dst=10.0.0.0/8,tp_dst=80';
    expect(formatMatch(parseMatch(text))).toBe(text);
    expect(errorOf(() => parseMatch('tcp,actions=drop')).message).toBe(
      'flow text, column 5: "actions" is no match field',
    );
    expect(parseMatch('')).toEqual({});
  });

  test('actions', () => {
    const text = 'ct(commit,zone=5,nat(src=10.0.0.1),exec(set_field:0x1->ct_mark)),output:2';
    expect(formatActions(parseActions(text))).toBe(text);
    expect(parseActions('drop')).toEqual([]);
    expect(formatActions([])).toBe('drop');
  });

  test('instructions', () => {
    const text = 'meter:3,output:1,clear_actions,write_actions(group:5),write_metadata:0x1/0xff,goto_table:7';
    expect(parseInstructions(text).map(({ type }) => type)).toEqual([
      'meter',
      'applyActions',
      'clearActions',
      'writeActions',
      'writeMetadata',
      'gotoTable',
    ]);
    expect(formatInstructions(parseInstructions(text))).toBe(text);
  });

  test('what Open vSwitch has no text for comes back as it was', () => {
    const actions = parseActions(
      'experimenter(id=0x4f4e4600,body=01.02.03.04),unknown(code=99,body=00.00.00.05),copy_ttl_in',
    );
    expect(actions).toEqual([
      { type: 'experimenter', experimenter: 0x4f4e4600, body: Uint8Array.of(1, 2, 3, 4) },
      { type: 'unknown', code: 99, body: Uint8Array.of(0, 0, 0, 5) },
      { type: 'copyTtlIn' },
    ]);
    expect(parseActions(formatActions(actions))).toEqual(actions);
    const match = parseMatch('tcp,oxm:8003:4=0102,oxm:ffff:7:4f4e4600=05/0f');
    expect(match).toMatchObject({ 'oxm:8003:4': '0102', 'oxm:ffff:7:4f4e4600': { value: '05', mask: '0f' } });
    expect(parseMatch(formatMatch(match))).toEqual(match);
  });
});
