import { z } from 'zod';

import { SCOPE_TOKEN } from '../oauth/scope-token.js';
import {
  brokenDurationRule,
  brokenZeroRule,
  parseDuration,
  parseRate,
  parseSize,
  type Rate,
} from './units.js';

/** Any text. */
export const text = z.string();

/** Texts of a format, as far as TypeScript can describe them. The options of an application have these types. */
type NumberText = `${number}`;
type DurationText = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;
type SizeText = `${number}${'b' | 'kb' | 'mb'}`;
type RateText = `${number}/${'s' | 'min' | 'h'}` | 'off';

/** Text that matches a pattern. */
const matching = <Text extends string>(pattern: RegExp): z.ZodType<Text, Text> =>
  z.custom<Text>((given) => typeof given === 'string' && pattern.test(given));

/**
 * Text that a function parses. The text is invalid if the function returns undefined.
 *
 * @param brokenRule returns the rule that invalid text breaks, for the message; undefined if the remedy says enough
 */
export const parsedBy = <Value, Text extends string = string>(
  parse: (text: string) => Value | undefined,
  brokenRule?: (text: string) => string | undefined,
): z.ZodType<Value, Text> =>
  z
    .custom<Text>((given) => typeof given === 'string')
    .transform((given, context) => {
      const value = parse(given);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', params: { rule: brokenRule?.(given) } });
      return z.NEVER;
    });

/** Positive integer of at most seven digits. */
export const count = matching<NumberText>(/^[1-9]\d{0,6}$/).transform(Number);

export const countUpTo = (max: number): z.ZodType<number, NumberText> => count.pipe(z.number().max(max));

export const port = matching<NumberText>(/^\d+$/).transform(Number).pipe(z.number().min(1).max(65_535));

/** Duration such as `30s`, in milliseconds. */
export const duration = parsedBy<number, DurationText>(parseDuration, brokenDurationRule);

/** Duration with a maximum of its own, which the remedy of the variable names. */
export const durationUpTo = (max: number): z.ZodType<number, DurationText> =>
  parsedBy<number, DurationText>(parseDuration, brokenZeroRule).pipe(z.number().max(max));

/** Size such as `1mb`, in bytes. */
export const size = parsedBy<number, SizeText>(parseSize);

/** Rate such as `120/min`, or null for `off`. */
export const rate = parsedBy<Rate | null, RateText>((given) => (given === 'off' ? null : parseRate(given)));

export const onOff = z.enum(['on', 'off']);

/** Secret of at least 32 characters. */
export const longSecret = z.string().min(32);

const separatedBy = (separator: RegExp): z.ZodType<string[], string> =>
  z.string().transform((given) => given.split(separator).filter((part) => part !== ''));

/** List separated by commas, whose parts may contain spaces. */
export const commaSeparated = (min = 0): z.ZodType<readonly string[], string> =>
  separatedBy(/\s*,\s*/)
    .pipe(z.array(z.string()).min(min))
    .readonly();

/** List separated by spaces or commas. */
export const words = <Part>(part: z.ZodType<Part, string>, min = 0): z.ZodType<readonly Part[], string> =>
  separatedBy(/[\s,]+/)
    .pipe(z.array(part).min(min))
    .readonly();

export const scope = z.string().regex(SCOPE_TOKEN);

/** URL of PostgreSQL. Its user and password are percent-encoded (RFC 3986 §3.2.1). */
export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ }).refine((given) => {
  try {
    const { username, password } = new URL(given);
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
});
