/** The forms of NAT and firewall rules, and of the whole file. */

import { z } from 'zod';
import { hostForm, routerForm, segmentForm, tlsForm } from './schema.ts';
import { bridgeForm } from './schema-bridges.ts';
import * as value from './schema-values.ts';

const PORT = '([1-9][0-9]{0,4})';
const map = (what: string) => value.expected('a map', `write ${what}`);

const inRange = (text: string) => (text.match(/\d+$/g) ?? []).every((port) => Number(port) <= 65_535);

const endpoint = z
  .string(value.expected('an IPv4 address and a port', 'write it like 10.88.88.66:8800'))
  .regex(
    new RegExp(`^[0-9.]+:${PORT}$`),
    value.expected(
      'an IPv4 address and a port (one port; ranges are not supported yet)',
      'write it like 10.88.88.66:8800',
    ),
  )
  .refine((text) => value.ipv4.safeParse(text.slice(0, text.indexOf(':'))).success && inRange(text), {
    ...value.expected('an IPv4 address and a port', 'write it like 10.88.88.66:8800'),
  });

const portRange = z
  .string(value.expected('a range of ports', 'write it like 1024-65535'))
  .regex(new RegExp(`^${PORT}-${PORT}$`), value.expected('a range of ports', 'write it like 1024-65535'))
  .refine(
    (text) => {
      const [first = 0, last = 0] = text.split('-').map(Number);
      return first <= last && last <= 65_535;
    },
    value.expected('a range of ports that rises, up to 65535', 'write it like 1024-65535'),
  );

const out = z
  .string(value.expected('an interface of a router', 'write ROUTER/INTERFACE, like edge/net'))
  .regex(/^[^/\s]+\/[^/\s]+$/, value.expected('an interface of a router', 'write ROUTER/INTERFACE, like edge/net'));

export const masqueradeForm = z.strictObject({
  masquerade: value.prefix.describe('The inside addresses.'),
  out: out.describe('`ROUTER/INTERFACE` that they leave by; they get its primary address.'),
  ports: portRange.default('1024-65535').describe('Source ports to translate to.'),
});

export const snatForm = z.strictObject({
  snat: value.prefix.describe('The inside addresses.'),
  to: value.ipv4.describe('The public address, one of the interface `out`.'),
  out: out.describe('`ROUTER/INTERFACE` that they leave by.'),
  ports: portRange.default('1024-65535').describe('Source ports to translate to.'),
});

export const forwardForm = z.strictObject({
  forward: value.word(['tcp', 'udp']).describe('The protocol.'),
  address: endpoint.describe("`ADDRESS:PORT` on one of a router's interfaces."),
  to: endpoint.describe('`ADDRESS:PORT` of the station inside.'),
});

const shortForm = (example: string) => z.string(value.expected('a text or a map', `write it like \`${example}\``));

export const natForm = z.union(
  [shortForm('masquerade 10.66.66.0/24 out edge/net'), masqueradeForm, snatForm, forwardForm],
  value.expected('a rule', 'write it like `masquerade 10.66.66.0/24 out edge/net`'),
);

const action = value.word(['accept', 'drop'], ['reject']);
const side = (what: string) => z.string(value.expected(what, 'write a zone, like loc or loc:10.66.66.67'));

export const policyForm = z.strictObject({
  from: value.name.describe('A zone, `fw` (the router itself) or `all`.'),
  to: value.name.describe('A zone, `fw` or `all`.'),
  action: action.describe('What happens to what no rule decides.'),
});

export const ruleForm = z.strictObject({
  action: action.describe('What happens.'),
  service: z
    .string(value.expected('a service', 'write a name like ssh, `tcp 8800`, or all'))
    .describe('A name (`ssh`, `http`, `ping`, …), `tcp PORT`, `udp PORT`, or `all`.'),
  from: side('a zone').describe('`ZONE` or `ZONE:ADDRESS` or `ZONE:PREFIX`; `fw`, `all`.'),
  to: side('a zone').describe('As `from`.'),
});

export const firewallForm = z
  .strictObject(
    {
      zones: z
        .record(
          value.name,
          z.array(out, value.expected('a list of interfaces', 'write it like [edge/loc]')),
          map('zones like `loc: [edge/loc]`'),
        )
        .describe('Zones by name, each a list of `ROUTER/INTERFACE`.'),
      policy: z
        .array(
          z.union([shortForm('loc to net accept'), policyForm]),
          value.expected('a list', 'write `- loc to net accept`'),
        )
        .nullish()
        .describe('`ZONE to ZONE ACTION`, the first that applies decides; what none decides is dropped.'),
      rules: z
        .array(
          z.union([shortForm('accept ssh from net to fw'), ruleForm]),
          value.expected('a list', 'write `- accept ssh from net to fw`'),
        )
        .nullish()
        .describe('`ACTION SERVICE from ZONE[:ADDRESS] to ZONE[:ADDRESS]`, before the policy, in order.'),
    },
    map('`zones:`, `policy:` and `rules:`'),
  )
  .nullish();

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
    hosts: z.record(value.name, hostForm, map('hosts by name')).nullish().describe('Machines that run Open vSwitch.'),
    segments: z.record(value.name, segmentForm, map('segments by name')).nullish().describe('Broadcast domains.'),
    bridges: z
      .record(value.interfaceName, bridgeForm, map('bridges by name'))
      .nullish()
      .describe('Bridges and their ports.'),
    routers: z.record(value.name, routerForm, map('routers by name')).nullish().describe('Routers between segments.'),
    nat: z
      .array(natForm, value.expected('a list', 'write one rule a line, each after `- `'))
      .nullish()
      .describe('Address translation, the first rule that applies decides.'),
    firewall: firewallForm.describe('Zones of router interfaces, policy and rules; stateful.'),
    apps: z
      .record(z.string(), z.unknown(), map('apps by name, like `table-miss: { action: normal }`'))
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
