import { Schema } from "effect";

/** An exact fraction. Thresholds are compared by cross-multiplication, never as floating-point numbers. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const text = /^(\d{1,400})\/(\d{1,400})$/u;
const decimal = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/u;

/** Returns the fraction in a text such as `"2/3"`; undefined if the text is not a fraction. */
const parseText = (value: string): Fraction | undefined => {
  const [, numerator, denominator] = text.exec(value) ?? [];
  return numerator === undefined || denominator === undefined || BigInt(denominator) === 0n
    ? undefined
    : { numerator: BigInt(numerator), denominator: BigInt(denominator) };
};

/** Returns a number from 0 to 1 as its decimal text reads: 0.1 is one tenth, not 0.1000000000000000055…. */
const parseDecimal = (value: number): Fraction | undefined => {
  const [, whole, decimals = "", exponent = "0"] = decimal.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  const numerator = BigInt(whole + decimals);
  return { numerator, denominator: 10n ** BigInt(decimals.length - Number(exponent)) };
};

const greatestCommonDivisor = (left: bigint, right: bigint): bigint =>
  right === 0n ? left : greatestCommonDivisor(right, left % right);

const isShare = ({ numerator, denominator }: Fraction): boolean => numerator <= denominator;

/** A share from 0 to 1 as text: `"2/3"`. */
export const ShareText = Schema.String.check(
  Schema.makeFilter(
    (value: string) => {
      const fraction = parseText(value);
      return fraction !== undefined && isShare(fraction);
    },
    {
      expected: 'a fraction from 0 to 1 with at most 400 digits on each side, such as "2/3"',
      toJsonSchema: () => ({ pattern: text.source }),
    },
  ),
);

const isAtLeastHalf = ({ numerator, denominator }: Fraction): boolean => 2n * numerator >= denominator;

/** The threshold of a qualified majority. Below one half, a minority could decide. */
export const ThresholdText = ShareText.check(
  Schema.makeFilter(
    (value: string) => {
      const fraction = parseText(value);
      return fraction !== undefined && isAtLeastHalf(fraction);
    },
    { expected: 'a fraction from 1/2 to 1, such as "2/3"' },
  ),
);

/** A threshold as people write it: `"2/3"` or a number from 0.5 to 1. */
export const Threshold = Schema.Union([
  ThresholdText,
  Schema.Finite.check(Schema.isBetween({ minimum: 0.5, maximum: 1 })),
]);

/** A share as people write it: `"2/3"` or a number from 0 to 1. */
export const Share = Schema.Union([ShareText, Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))]);
export type Share = typeof Share.Type;

/** Returns the fraction of a valid share. Throws a `RangeError` for any other text. */
export const fractionOf = (share: Share): Fraction => {
  const fraction = typeof share === "string" ? parseText(share) : parseDecimal(share);
  if (fraction === undefined) throw new RangeError(`share \`${share}\` is not a fraction from 0 to 1`);
  return fraction;
};

/** Returns a share as text in lowest terms: `0.5` and `"2/4"` both become `"1/2"`. */
export const shareText = (share: Share): string => {
  const { numerator, denominator } = fractionOf(share);
  const divisor = greatestCommonDivisor(numerator, denominator);
  return `${numerator / divisor}/${denominator / divisor}`;
};
