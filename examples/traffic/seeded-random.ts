/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Mulberry32: 32 bits of state, good enough to draw demo traffic, equal for equal seeds everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Milliseconds to the next arrival of a Poisson process with this many arrivals per second. */
export function arrivalGapMs(random: Random, perSecond: number): number {
  return (-Math.log(1 - random()) / perSecond) * 1000;
}

/** A whole number from 0 to count - 1, small ones more often: density falls with the cube root, so the tail is mild. */
export function skewedIndex(random: Random, count: number): number {
  return Math.floor(count * random() ** 1.5);
}
