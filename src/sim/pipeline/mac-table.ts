/** Which station is behind which port, by VLAN: what NORMAL has learned (ovs-vswitchd.conf.db(5), mac-aging-time, mac-table-size). */

export interface MacTable {
  /** Addresses as numbers of 48 bits; `now` in milliseconds. */
  learn(vlan: number, mac: number, portNo: number, now: number): void;
  lookup(vlan: number, mac: number, now: number): number | undefined;
  /** The port is gone. */
  forgetPort(portNo: number): void;
  flush(): void;
}

const AGE = 300_000;
const MOST = 8192;

export function createMacTable(): MacTable {
  /** Oldest first. */
  const entries = new Map<string, { portNo: number; until: number }>();
  const keyOf = (vlan: number, mac: number) => `${vlan} ${mac}`;

  return {
    learn(vlan, mac, portNo, now) {
      const key = keyOf(vlan, mac);
      entries.delete(key);
      if (entries.size >= MOST) for (const oldest of entries.keys()) if (entries.delete(oldest)) break;
      entries.set(key, { portNo, until: now + AGE });
    },
    lookup(vlan, mac, now) {
      const key = keyOf(vlan, mac);
      const entry = entries.get(key);
      if (entry !== undefined && entry.until > now) return entry.portNo;
      entries.delete(key);
      return undefined;
    },
    forgetPort(portNo) {
      for (const [key, entry] of entries) if (entry.portNo === portNo) entries.delete(key);
    },
    flush: () => entries.clear(),
  };
}
