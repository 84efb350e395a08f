/** IEEE 754 binary16 in 16 bits, for engines without Float16Array (Node 22). */

const scratch = new Float64Array(1);
const bits = new DataView(scratch.buffer);

/** The nearest binary16 of a number, ties to even; overflow gives infinity, as the standard says. */
export function float16BitsOf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  bits.setFloat64(0, value);
  const sign = (bits.getUint8(0) & 0x80) << 8;
  const size = Math.abs(value);
  if (size >= 65_520) return sign | 0x7c00;
  if (size < 2 ** -14) {
    // Subnormal: whole multiples of 2^-24. Multiplying by a power of two is exact.
    return sign | roundTiesToEven(size * 2 ** 24);
  }
  const exponent = Math.floor(Math.log2(size));
  const scale = size < 2 ** exponent ? exponent - 1 : size >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  // A mantissa that rounds up to 2048 carries into the exponent by itself.
  return sign | ((scale + 14) * 1024 + roundTiesToEven(size * 2 ** (10 - scale)));
}

function roundTiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}

/** The number that 16 bits stand for. */
export function float16Value(bits16: number): number {
  const sign = bits16 & 0x8000 ? -1 : 1;
  const exponent = (bits16 >> 10) & 0x1f;
  const mantissa = bits16 & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
