import { isRecord } from '../../../src/values/is-record.js';
import { recordIn } from '../../../src/values/record-in.js';
import { listIn } from '../../../src/values/list-in.js';

type Schema = Readonly<Record<string, unknown>>;
type Arguments = Record<string, unknown>;

/** Returns numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = [
  'a',
  'red',
  'x y',
  'Zoë & Co',
  '50%',
  'a+b=c?',
  '#7',
  '日本',
  '"quoted"',
  'true',
  '12',
  '-1',
  ' padded ',
];
const ODD: readonly unknown[] = [
  '',
  'nonsense',
  -5,
  9_007_199_254_740_991,
  2.5,
  true,
  [],
  ['a', 'b'],
  'x'.repeat(60),
];

/** Generates arguments for a schema: mostly valid ones, some missing or of the wrong type. */
export function generated({ properties, required }: Schema, random: () => number): Arguments {
  const pick = <Value>(values: readonly Value[]): Value | undefined =>
    values[Math.floor(random() * values.length)];
  const value = (schema: Schema): unknown => {
    const { type, enum: values, format, items } = schema;
    if (random() < 0.04) return pick(ODD);
    if (Array.isArray(values)) return pick(values);
    if (format === 'uuid') return '3f6f8a52-5a4b-4a5c-9d3e-0f2f4c1b7a60';
    if (format === 'date-time') return pick(['2026-02-28', '2026-11-27T03:00:00Z']);
    if (type === 'integer') return Math.floor(random() * 60) - 3;
    if (type === 'number') return Math.round(random() * 1000) / 8;
    if (type === 'boolean') return random() < 0.5;
    if (type === 'array') {
      return Array.from({ length: Math.floor(random() * 4) }, () => value(recordIn(items)));
    }
    if (type === 'object' && !isRecord(schema['properties'])) return { one: random() };
    if (type === 'object') return generated(schema, random);
    return pick(TEXTS);
  };
  const names = new Set(listIn(required));
  return Object.fromEntries(
    Object.entries(recordIn(properties)).flatMap(([name, schema]) =>
      random() < (names.has(name) ? 0.03 : 0.4) ? [] : [[name, value(recordIn(schema))]],
    ),
  );
}
