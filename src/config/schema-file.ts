/** The form of the whole file. */

import { z } from 'zod';
import { dhcpForm } from './dhcp/schema.ts';
import { firewallForm } from './firewall/schema.ts';
import { natForm } from './nat/schema.ts';
import { routerForm } from './router/schema.ts';
import { hostForm, segmentForm, tlsForm } from './schema.ts';
import { bridgeForm } from './schema-bridges.ts';
import * as value from './schema-values.ts';

export const fileForm = z.strictObject(
  {
    flowloom: z
      .literal(1, {
        error: ({ input }) =>
          `${input === undefined ? 'is missing' : `version ${value.show(input)} is not known`}${value.FIX_SEPARATOR}write \`flowloom: 1\``,
      })
      .describe("The version of the file's form."),
    owner: value.name
      .default('main')
      .describe(
        'Who Flowloom is, in `external_ids:flowloom` of rows and in cookies of flows; two of them on one host need two names.',
      ),
    tls: tlsForm
      .optional()
      .describe(
        "Flowloom's key and certificates, for `ssl:` targets and `--ovsdb pssl:6640`; paths are relative to the file.",
      ),
    hosts: z
      .record(value.name, hostForm, value.map('hosts by name'))
      .nullish()
      .describe('Machines that run Open vSwitch.'),
    segments: z.record(value.name, segmentForm, value.map('segments by name')).nullish().describe('Broadcast domains.'),
    bridges: z
      .record(value.interfaceName, bridgeForm, value.map('bridges by name'))
      .nullish()
      .describe('Bridges and their ports.'),
    routers: z
      .record(value.name, routerForm, value.map('routers by name'))
      .nullish()
      .describe('Routers between segments.'),
    nat: z
      .array(natForm, value.expected('a list', 'write one rule a line, each after `- `'))
      .nullish()
      .describe('Address translation, the first rule that applies decides.'),
    firewall: firewallForm.describe('Zones, policies and rules; stateful.'),
    dhcp: z
      .record(value.name, dhcpForm, value.map('segments by name, like `loc: { range: 10.66.66.100-10.66.66.200 }`'))
      .nullish()
      .describe('DHCP and router advertisements, by the segment that has them.'),
    apps: z
      .record(z.string(), z.unknown(), value.map('apps by name, like `table-miss: { action: normal }`'))
      .nullish()
      .describe('Apps by name or path, each with its own settings.'),
  },
  value.expected('a map', 'write `flowloom: 1` first, then hosts, segments, bridges, …'),
);

/** The file's values as people write them. */
export type WrittenForm = z.infer<typeof fileForm>;
type WrittenBridge = NonNullable<WrittenForm['bridges']>[string];
/** The same with every host written out, by `every-host.ts`. */
export type FileForm = Omit<WrittenForm, 'bridges'> & {
  bridges?: Record<string, Omit<WrittenBridge, 'hosts'> & { hosts: string[] }> | null | undefined;
};
/** A bridge as it is read, and one of its ports. */
export type BridgeForm = NonNullable<FileForm['bridges']>[string];
export type PortForm = NonNullable<BridgeForm['ports']>[string];
