import { types } from 'pg';

import { parserOf } from './timestamp.js';

describe('parserOf', () => {
  const { TIMESTAMPTZ } = types.builtins;
  const parsedByPg: (text: string) => unknown = types.getTypeParser(TIMESTAMPTZ);
  it.each([
    '2026-11-27 20:38:01+00',
    '2026-11-27 20:38:01.123456+00',
    '2024-02-29 23:59:59.999+00',
    '0001-01-01 00:00:00+00',
    '0099-12-31 00:00:00+00',
    '0044-03-15 12:00:00+00 BC',
    '12026-11-27 20:38:01+00',
    '1969-12-31 23:59:59.999+00',
    '2026-11-27 20:38:01.5+02',
    '2026-11-27 20:38:01-03:30',
    'infinity',
    '-infinity',
  ])('parses %s like pg', (text) => {
    expect(parserOf(TIMESTAMPTZ)(text)).toEqual(parsedByPg(text));
  });

  it('parses every millisecond like pg', () => {
    for (let ms = 1; ms < 1_000; ms++) {
      const fraction = String(ms).padStart(3, '0').replace(/0+$/, '');
      const text = `2026-11-27 20:38:01.${fraction}+00`;
      expect(parserOf(TIMESTAMPTZ)(text)).toEqual(parsedByPg(text));
    }
  });

  it('leaves timestamps to a parser of the application', () => {
    const asText = (text: string): string => text;
    const ofPg: (text: string) => unknown = types.getTypeParser(TIMESTAMPTZ);
    types.setTypeParser(TIMESTAMPTZ, asText);
    try {
      expect(parserOf(TIMESTAMPTZ)).toBe(asText);
      jest.isolateModules(() => {
        const { types: anew } = jest.requireActual<typeof import('pg')>('pg');
        anew.setTypeParser(TIMESTAMPTZ, asText);
        const { parserOf: loadedLater } =
          jest.requireActual<typeof import('./timestamp.js')>('./timestamp.js');
        expect(loadedLater(TIMESTAMPTZ)).toBe(asText);
      });
    } finally {
      types.setTypeParser(TIMESTAMPTZ, ofPg);
    }
  });

  it('leaves other types to pg', () => {
    expect(parserOf(types.builtins.INT4)).toBe(types.getTypeParser(types.builtins.INT4));
  });
});
