/** A range of ports as few masked matches as it takes. */

export interface MaskedPort {
  value: number;
  mask: number;
}

const BITS = 16;

/** Aligned blocks, each the largest that begins there and ends in the range. */
export function portMasks(first: number, last: number): MaskedPort[] {
  const blocks: MaskedPort[] = [];
  for (let at = first; at <= last; ) {
    let bits = 0;
    while (bits < BITS && at % 2 ** (bits + 1) === 0 && at + 2 ** (bits + 1) - 1 <= last) bits++;
    blocks.push({ value: at, mask: 0xffff & ~(2 ** bits - 1) });
    at += 2 ** bits;
  }
  return blocks;
}
