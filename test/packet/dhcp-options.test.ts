/** Options of DHCP wherever they stand: in the fields for a file and a name, and in parts; tshark reads what is laid so. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { DHCP_OPTION, type DhcpOption } from '../../src/packet/dhcp.ts';
import { dhcpOptions, layDhcpOptions } from '../../src/packet/dhcp-options.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { writeCapture } from '../../src/packet/pcap.ts';

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);
const nothing = { serverName: false, bootFile: false };

/** An answer with these, and what is read of it. */
function laidOut(options: readonly DhcpOption[], room: number, taken = nothing) {
  const { left, ...fields } = layDhcpOptions(options, room, taken);
  const frame = buildPacket({
    eth: { src: '02:00:00:00:00:01', dst: '02:00:00:00:00:02' },
    ipv4: { src: '10.0.0.1', dst: '10.0.0.2' },
    dhcp: { operation: 2, clientMac: '02:00:00:00:00:02', ...fields },
  });
  const { dhcp, udp } = dissect(frame);
  const found = dhcpOptions(dhcp!, frame.subarray(udp!.payloadOffset));
  return { left, frame, found, length: frame.length - udp!.payloadOffset - 240 };
}

test('where there is room, all stand behind the header, in their order', () => {
  const { found, left } = laidOut(
    [3, 1, 250].map((code) => ({ code, value: bytes(4) })),
    308,
  );
  expect([...found.keys()]).toEqual([3, 1, 250]);
  expect(left).toEqual([]);
});

test('what has no room there goes into the field for the file, then into that for the name', () => {
  const options = [1, 2, 3, 4].map((code) => ({ code, value: bytes(100, code) }));
  const { found, left, length } = laidOut(options, 120);
  expect(length).toBeLessThanOrEqual(120);
  expect([...found.entries()].toSorted(([a], [b]) => a - b)).toEqual([
    [1, bytes(100, 1)],
    [2, bytes(100, 2)],
    [DHCP_OPTION.overload, Uint8Array.of(1)],
  ]);
  expect(left).toEqual([3, 4]);
  const small = [{ code: 9, value: bytes(60, 9) }, ...options.slice(0, 2), { code: 8, value: bytes(60, 8) }];
  expect([...laidOut(small, 70).found.keys()].toSorted((a, b) => a - b)).toEqual([1, 8, 9, 52]);
});

test('a field that is taken is left alone', () => {
  const options = [1, 2].map((code) => ({ code, value: bytes(60, code) }));
  const both = laidOut(options, 70, { serverName: true, bootFile: true });
  expect([[...both.found.keys()], both.left]).toEqual([[1], [2]]);
  expect(laidOut(options, 70, { serverName: false, bootFile: true }).found.get(DHCP_OPTION.overload)).toEqual(
    Uint8Array.of(2),
  );
});

test('a long value goes in parts, and is read as one', () => {
  const { found } = laidOut([{ code: 119, value: bytes(600) }], 1200);
  expect(found.get(119)).toEqual(bytes(600));
});

test('whatever is laid out, what is read is what was given, or is left out, and fits', () => {
  const option = fc.record({
    code: fc.integer({ min: 1, max: 254 }).filter((code) => code !== DHCP_OPTION.overload),
    value: fc.uint8Array({ maxLength: 300 }),
  });
  const options = fc.uniqueArray(option, { selector: ({ code }) => code, maxLength: 12 });
  fc.assert(
    fc.property(options, fc.integer({ min: 60, max: 1232 }), (given, room) => {
      const { found, left, length } = laidOut(given, room);
      expect(length).toBeLessThanOrEqual(room);
      found.delete(DHCP_OPTION.overload);
      expect(new Set([...found.keys(), ...left])).toEqual(new Set(given.map(({ code }) => code)));
      for (const { code, value } of given) if (!left.includes(code)) expect(found.get(code)).toEqual(value);
    }),
  );
});

test('what a client cut, or made up, is read as far as it goes', () => {
  const overloaded = (file: string) => {
    const built = buildPacket({
      ...{ eth: { src: '02:00:00:00:00:01' }, ipv4: { src: '0.0.0.0', dst: '255.255.255.255' } },
      dhcp: {
        ...{ operation: 1, clientMac: '02:00:00:00:00:01', bootFile: file },
        options: [{ code: 52, value: Uint8Array.of(1) }],
      },
    });
    const { dhcp, udp } = dissect(built);
    return dhcpOptions(dhcp!, built.subarray(udp!.payloadOffset));
  };
  expect(overloaded('\x0c\x02pc\xff').get(12)).toEqual(Uint8Array.from(Buffer.from('pc')));
  expect([...overloaded('\x0c\xf0pc').keys()]).toEqual([52]);
  expect([...overloaded('\xff\x0c\x02pc').keys()]).toEqual([52]);
});

test('tshark finds every option, wherever it was laid', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-dhcp-'));
  try {
    const options = [
      { code: 53, value: Uint8Array.of(2) },
      { code: 15, value: Uint8Array.from(Buffer.from('lan.example')) },
      { code: 12, value: Uint8Array.from(Buffer.from('pc'.repeat(20))) },
      { code: 6, value: Uint8Array.of(10, 0, 0, 1) },
    ];
    const file = join(folder, 'one.pcap');
    writeFileSync(file, writeCapture([{ frame: laidOut(options, 30).frame }]));
    const said = execFileSync('tshark', ['-n', '-r', file, '-V'], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder },
    });
    expect(said).not.toMatch(/malformed/i);
    for (const words of [/Host Name: (pc){20}/, /Domain Name: lan\.example/, /Domain Name Server: 10\.0\.0\.1/]) {
      expect(said).toMatch(words);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
