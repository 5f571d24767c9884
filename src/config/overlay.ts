/** Reads a segment's `overlay`: VXLAN (RFC 7348), Geneve (RFC 8926) or GRE with a key (RFC 2890). */

import type { Findings } from './findings.ts';
import type { Overlay } from './model.ts';
import type { FileForm } from './schema-file.ts';
import { isIpsec, needsPeer } from './tunnel.ts';

type SegmentForm = NonNullable<FileForm['segments']>[string];

/** As IANA assigned them. */
const standardPorts = { vxlan: 4789, geneve: 6081, gre: undefined } as const;
const largestVni = { vxlan: 0xff_ffff, geneve: 0xff_ffff, gre: 0xffff_ffff } as const;

/** Options that Flowloom itself sets, and what to write instead. */
const ownOptions: Readonly<Record<string, string>> = {
  remote_ip: "remove it: the hosts' `underlay` addresses are used",
  local_ip: "remove it: the host's `underlay` address is used",
  key: 'write `vni:` in the overlay instead',
  in_key: 'write `vni:` in the overlay instead',
  out_key: 'write `vni:` in the overlay instead',
  dst_port: 'write `port:` in the overlay instead',
  ttl: 'write `ttl:` in the overlay instead',
  packet_type: 'remove it: a segment carries Ethernet frames',
};

/** `ipv6`: the far end of a tunnel is an IPv6 address, for which the flows have no register. */
export function readOverlay(name: string, given: SegmentForm, ipv6: boolean, findings: Findings): Overlay | undefined {
  if (given?.overlay === undefined) return undefined;
  const form =
    typeof given.overlay === 'string'
      ? { type: given.overlay, ttl: 64, perPeer: false, bfd: false, headroom: 0 }
      : given.overlay;
  const path = ['segments', name, 'overlay'];
  const { type } = form;
  const vni = form.vni ?? given.vlan;
  if (vni === undefined) {
    if (!findings.broken(['segments', name])) {
      findings.problem(
        path,
        `segment ${name}: its overlay has no VNI, and there is no VLAN to take it from`,
        `write \`overlay: { type: ${type}, vni: 5000 }\`, or give the segment a \`vlan\``,
      );
    }
    return undefined;
  }
  if (vni > largestVni[type]) {
    findings.problem(
      [...path, 'vni'],
      `segment ${name}: ${vni} is not a VNI of ${type}, which has 24 bits`,
      `write a number from 1 to ${largestVni[type]}`,
    );
  }
  if (type === 'gre' && form.port !== undefined) {
    findings.problem(
      [...path, 'port'],
      `segment ${name}: gre has no ports`,
      'remove `port`, or write vxlan or geneve',
      'key',
    );
  }
  const options = Object.fromEntries(Object.entries(form.options ?? {}).map(([key, value]) => [key, String(value)]));
  const overlay: Overlay = {
    type,
    vni,
    dstPort: type === 'gre' ? undefined : (form.port ?? standardPorts[type]),
    ttl: form.ttl,
    members: readMembers(name, form.members, findings),
    perPeer: ipv6 || form.perPeer || form.bfd || needsPeer(options),
    bfd: form.bfd,
    headroom: form.headroom,
    options,
  };
  checkOptions(name, overlay, findings);
  return overlay;
}

function readMembers(segment: string, given: readonly string[] | undefined, findings: Findings): string[] | undefined {
  given?.forEach((host, i) => {
    const path = ['segments', segment, 'overlay', 'members', i];
    if (given.indexOf(host) < i)
      findings.problem(path, `segment ${segment}: member ${host} is listed twice`, 'name it once');
    else findings.known(path, 'host', host, findings.declared('hosts'), 'hosts');
  });
  return given && [...new Set(given)];
}

function checkOptions(segment: string, overlay: Overlay, findings: Findings): void {
  const path = ['segments', segment, 'overlay', 'options'];
  for (const key of Object.keys(overlay.options)) {
    const instead = Object.hasOwn(ownOptions, key) ? ownOptions[key] : undefined;
    if (instead !== undefined) {
      findings.problem(
        [...path, key],
        `segment ${segment}: Flowloom itself sets the option \`${key}\``,
        instead,
        'key',
      );
    }
  }
  const { type, dstPort } = overlay;
  if (isIpsec(overlay) && dstPort !== standardPorts[type]) {
    findings.problem(
      ['segments', segment, 'overlay', 'port'],
      `segment ${segment}: Open vSwitch's IPsec guards ${type} on UDP port ${standardPorts[type]} only, so these tunnels would be open`,
      'remove `port`',
      'key',
    );
  }
}
