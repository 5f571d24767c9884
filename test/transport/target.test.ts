/** Targets as Open vSwitch writes them: read, printed, refused. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatTarget,
  parseActiveTarget,
  parsePassiveTarget,
  parseTarget,
  TargetError,
} from '../../src/transport/target.ts';

describe('targets', () => {
  test.each([
    ['tcp:10.0.0.1:6640', { kind: 'tcp', address: '10.0.0.1', port: 6640 }],
    ['tcp:[fe80::1%eth0]:6640', { kind: 'tcp', address: 'fe80::1%eth0', port: 6640 }],
    ['tcp:ovs.example:6640', { kind: 'tcp', address: 'ovs.example', port: 6640 }],
    ['unix:/var/run/openvswitch/db.sock', { kind: 'unix', path: '/var/run/openvswitch/db.sock' }],
    ['ptcp:6653', { kind: 'ptcp', port: 6653, address: undefined }],
    ['ptcp:0:127.0.0.1', { kind: 'ptcp', port: 0, address: '127.0.0.1' }],
    ['ptcp:6653:[::]', { kind: 'ptcp', port: 6653, address: '::' }],
    ['punix:/tmp/a:b.sock', { kind: 'punix', path: '/tmp/a:b.sock' }],
    ['ssl:10.0.0.1:6640', { kind: 'ssl', address: '10.0.0.1', port: 6640 }],
    ['pssl:6640:[::1]', { kind: 'pssl', port: 6640, address: '::1' }],
  ])('%s is read and printed', (text, expected) => {
    expect(parseTarget(text, { tls: true })).toEqual(expected);
    expect(formatTarget(parseTarget(text, { tls: true }))).toBe(text);
  });

  test.each([
    ['', 'is no target'],
    ['udp:1.2.3.4:5', 'is no target'],
    ['ssl:1.2.3.4:6640', 'ssl: is not supported yet; use tcp:'],
    ['pssl:6640', 'pssl: is not supported yet; use ptcp:'],
    ['tcp:10.0.0.1', 'the port is missing'],
    ['tcp::6640', 'the address is missing'],
    ['tcp:10.0.0.1:0', 'ports are 1 to 65535'],
    ['tcp:10.0.0.1:65536', 'ports are 1 to 65535'],
    ['tcp:10.0.0.1:66 40', 'is no port'],
    ['tcp:10.0.0.300:6640', 'is no IPv4 address'],
    ['tcp:fe80::1:6640', 'in brackets'],
    ['tcp:[10.0.0.1]:6640', 'is no IPv6 address'],
    ['tcp:a b:6640', 'neither an address nor a host name'],
    ['ptcp:', 'the port is missing'],
    ['ptcp:6653:::1', 'in brackets'],
    ['unix:', 'the path is missing'],
    [`punix:/${'a'.repeat(107)}`, 'the path is 108 bytes long'],
  ])('%s is refused', (text, problem) => {
    expect(() => parseTarget(text)).toThrow(TargetError);
    expect(() => parseTarget(text)).toThrow(problem);
  });

  test('a default port fills in a missing one', () => {
    expect(parseTarget('tcp:10.0.0.1', { defaultPort: 6640 })).toEqual({
      kind: 'tcp',
      address: '10.0.0.1',
      port: 6640,
    });
    expect(parseTarget('tcp:[::1]', { defaultPort: 6640 })).toEqual({ kind: 'tcp', address: '::1', port: 6640 });
    expect(parseTarget('ptcp:', { defaultPort: 6653 })).toEqual({ kind: 'ptcp', port: 6653, address: undefined });
  });

  test('the wrong direction is refused', () => {
    expect(() => parseActiveTarget('ptcp:6640')).toThrow('listens');
    expect(() => parsePassiveTarget('tcp:1.2.3.4:6640')).toThrow('connects');
  });

  test('any text is read or refused with a TargetError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `tcp:${text}`),
          fc.string().map((text) => `ptcp:${text}`),
        ),
        (text) => {
          try {
            expect(parseTarget(formatTarget(parseTarget(text)))).toEqual(parseTarget(text));
          } catch (error) {
            expect(error).toBeInstanceOf(TargetError);
          }
        },
      ),
    );
  });
});
