/** Addresses and prefixes as numbers: the model's own way to read them. */

export function numberOf(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, each) => sum * 256n + BigInt(each), 0n);
  const [head = '', tail] = address.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [words(head), words(tail ?? '')];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return all.reduce((sum, each) => sum * 65_536n + BigInt(`0x${each}`), 0n);
}

/** Whether the prefix, or the address, has the address in it. */
export function holds(prefix: string, address: string): boolean {
  const [network = '', length] = prefix.split('/');
  if (network.includes(':') !== address.includes(':')) return false;
  const bits = network.includes(':') ? 128 : 32;
  const shift = BigInt(bits - Number(length ?? bits));
  return numberOf(network) >> shift === numberOf(address) >> shift;
}

export function isWithin([first, last]: readonly [string, string], address: string): boolean {
  const number = numberOf(address);
  return first.includes(':') === address.includes(':') && numberOf(first) <= number && number <= numberOf(last);
}
