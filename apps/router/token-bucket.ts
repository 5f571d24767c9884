/** Limits of rates: a bucket of tokens that fills with time, one for all or one for each of many keys. */

/** `burst` tokens at most, `rate` more each second. */
export interface Rate {
  rate: number;
  burst: number;
}

export interface TokenBucket {
  /** One less; false: it is empty. */
  take(): boolean;
  isFull(): boolean;
}

/** `now`: milliseconds. */
export function createTokenBucket({ rate, burst }: Rate, now: () => number): TokenBucket {
  let tokens = burst;
  let at = now();
  function fill(): void {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) / 1000) * rate);
    at = time;
  }
  return {
    take() {
      fill();
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
    isFull() {
      fill();
      return tokens >= burst;
    },
  };
}

/** One for each key that asked lately, so that none takes another's share; of more than `most` at once some share it again. */
export function createTokenBuckets(rate: Rate, most: number, now: () => number): { take(key: string): boolean } {
  const buckets = new Map<string, TokenBucket>();
  return {
    take(key) {
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= most) for (const [each, { isFull }] of buckets) if (isFull()) buckets.delete(each);
        // Whoever asks under ever new names gets no more than the oldest has left.
        bucket = buckets.size < most ? createTokenBucket(rate, now) : buckets.values().next().value!;
        if (buckets.size < most) buckets.set(key, bucket);
      }
      return bucket.take();
    },
  };
}
