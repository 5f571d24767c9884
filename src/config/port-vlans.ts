/** How a port takes part in segments: access, trunk or dot1q-tunnel (IEEE 802.1Q, 802.1ad). */

import type { Findings } from './findings.ts';
import type { Bridge, Port, PortVlans } from './model.ts';
import type { Path } from './path.ts';
import { segmentsOf } from './port-segments.ts';
import type { FileForm, PortForm } from './schema-file.ts';

const MODES = ['access', 'trunk', 'dot1q-tunnel'] as const;

export function readPortVlans(path: Path, port: PortForm, findings: Findings): PortVlans | undefined {
  if (port === null) return undefined;
  const where = `port ${String(path.at(-1))}`;
  const given = MODES.filter((mode) => port[mode] !== undefined);
  const [mode, second] = given;
  if (second !== undefined) {
    findings.problem([...path, second], `${where} has both \`${mode}\` and \`${second}\``, 'keep one of them', 'key');
  }
  const nativeKey = port['native-tagged'] === undefined ? 'native' : 'native-tagged';
  const nativeName = port[nativeKey];
  if (nativeName !== undefined && mode !== 'trunk' && !findings.broken(path)) {
    findings.problem(
      [...path, nativeKey],
      `${where} has \`${nativeKey}\` without \`trunk\``,
      `write \`access: ${nativeName}\`, or add \`trunk: [...]\``,
      'key',
    );
  }
  const known = (at: Path, name: string) =>
    findings.known(at, 'segment', name, findings.declared('segments'), 'segments');

  if (mode === 'access' || mode === 'dot1q-tunnel') {
    const segment = port[mode]!;
    return known([...path, mode], segment) ? { mode, segment } : undefined;
  }
  if (mode === undefined) return undefined;
  const segments: string[] = [];
  port.trunk!.forEach((segment, i) => {
    const at = [...path, 'trunk', i];
    if (segments.includes(segment))
      findings.problem(at, `${where}: segment ${segment} is listed twice`, 'name it once');
    else if (known(at, segment)) segments.push(segment);
  });
  if (port.trunk!.length === 0 && nativeName === undefined && !findings.broken(path)) {
    findings.problem([...path, 'trunk'], `${where}: the trunk carries no segment`, 'name segments, like [loc, dmz]');
  }
  const native = nativeName !== undefined && known([...path, nativeKey], nativeName) ? nativeName : undefined;
  return { mode, segments, native, nativeTagged: native !== undefined && nativeKey === 'native-tagged' };
}

/** What the port asks of its segments and its bridge. */
export function checkPort(bridge: Bridge, port: Port, form: FileForm, findings: Findings): void {
  const key = `${port.host}/${port.name}`;
  const path = ['bridges', bridge.name, 'ports', key];
  const segmentOf = (name: string) => form.segments?.[name] ?? undefined;
  const lacksVlan = (name: string) => segmentOf(name)?.vlan === undefined && !findings.broken(['segments', name]);

  if (port.vlans?.mode === 'trunk') {
    const { segments, native, nativeTagged } = port.vlans;
    const tagged = nativeTagged && native !== undefined ? [...segments, native] : segments;
    const untagged = tagged.find((name) => (nativeTagged || name !== native) && lacksVlan(name));
    if (untagged !== undefined) {
      findings.problem(
        [...path, 'trunk'],
        `port ${key}: segment ${untagged} has no VLAN to be tagged with on a trunk`,
        `give segments.${untagged} a \`vlan\`, or make it the trunk's \`native\``,
      );
    }
  }
  if (bridge.forwarding === 'normal' && port.select === undefined) {
    const segments = segmentsOf(port);
    const without = segments.find(lacksVlan);
    if (without !== undefined) {
      findings.problem(
        path,
        `port ${key}: bridge ${bridge.name} forwards \`normal\`, and there segment ${without} needs a VLAN`,
        `give segments.${without} a \`vlan\`, or remove \`forwarding: normal\``,
        'key',
      );
    }
    const overlay = segments.find((name) => segmentOf(name)?.overlay !== undefined);
    if (overlay !== undefined) {
      findings.problem(
        path,
        `port ${key}: bridge ${bridge.name} forwards \`normal\` and does not carry the overlay of segment ${overlay}`,
        'remove `forwarding: normal`, or move the port to a bridge with `forwarding: flows`',
        'key',
      );
    }
  }
  const device = port.name === bridge.name ? bridge.otherConfig.hwaddr?.toLowerCase() : undefined;
  if (device !== undefined && port.macs.some((mac) => mac !== device)) {
    findings.problem(
      [...path, 'mac'],
      `port ${key}: the bridge's own interface has one MAC address, and \`otherConfig: { hwaddr: … }\` gives another`,
      'keep one of them',
    );
  }
  const guarded = port.addresses.length > 0 ? 'address' : port.macs.length > 0 ? 'mac' : undefined;
  if (guarded !== undefined && (bridge.forwarding === 'normal' || port.vlans === undefined) && !findings.broken(path)) {
    const why =
      bridge.forwarding === 'normal' ? `bridge ${bridge.name} forwards \`normal\`` : 'the port is in no segment';
    findings.warning(
      [...path, guarded],
      `port ${key}: its ${guarded} is not enforced, because ${why}`,
      'remove it, or give the port a segment on a bridge with `forwarding: flows`',
    );
  }
}
