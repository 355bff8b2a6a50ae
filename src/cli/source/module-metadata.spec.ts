import * as ts from 'typescript';

import { addToModule, moduleElements } from './module-metadata.js';

const moduleOf = (decorator: string): string => `@Module(${decorator})\nexport class AppModule {}\n`;

describe('addToModule', () => {
  it.each([
    ['{ providers: [A] }', '{ providers: [A, B] }'],
    ['{ providers: [] }', '{ providers: [B] }'],
    ['{}', '{ providers: [B] }'],
    [
      '{ imports: [C], "providers": [A], exports: [A] }',
      '{ imports: [C], "providers": [A, B], exports: [A] }',
    ],
    ['{\n  providers: [\n    A,\n  ],\n}', '{\n  providers: [\n    A,\n    B,\n  ],\n}'],
    ['{\n  imports: [C],\n}', '{\n  imports: [C],\n  providers: [B],\n}'],
    [
      '{ providers: [{ provide: A, useFactory: () => [1] }] }',
      '{ providers: [{ provide: A, useFactory: () => [1] }, B] }',
    ],
    ['{ providers: [...shared, A] as Provider[] }', '{ providers: [...shared, A, B] as Provider[] }'],
    ['{ providers: [A, B] }', '{ providers: [A, B] }'],
  ])('adds a provider to %j', (before, after) => {
    expect(addToModule(ts, moduleOf(before), 'providers', 'B')).toBe(moduleOf(after));
  });

  it('adds imports before the other lists', () => {
    expect(addToModule(ts, moduleOf('{\n  providers: [A],\n}'), 'imports', 'X.forRoot()')).toBe(
      moduleOf('{\n  imports: [X.forRoot()],\n  providers: [A],\n}'),
    );
  });

  it('adds to the named module of several', () => {
    const source = `${moduleOf('{}')}@Global()\n@Module({})\nclass Other {}\n`;
    expect(addToModule(ts, source, 'providers', 'B', 'Other')).toBe(
      source.replace('@Module({})\nclass', '@Module({ providers: [B] })\nclass'),
    );
  });

  it.each(['{ providers }', '{ providers: PROVIDERS }', '{ ...shared }', 'METADATA'])(
    'finds no place in @Module(%s)',
    (decorator) => {
      expect(addToModule(ts, moduleOf(decorator), 'providers', 'B')).toBeUndefined();
    },
  );
});

describe('moduleElements', () => {
  it('reads the elements as they are written', () => {
    const source = moduleOf('{ imports: [A, B.forRoot({ c: 1 })] }');
    expect(moduleElements(ts, source, 'imports')).toEqual(['A', 'B.forRoot({ c: 1 })']);
    expect(moduleElements(ts, source, 'providers')).toBeUndefined();
  });
});
