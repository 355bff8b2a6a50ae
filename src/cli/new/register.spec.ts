import { registerProvider } from './register.js';

const moduleOf = (decorator: string): string => `import { Module } from '@nestjs/common';
import { A } from './a.js';

@Module(${decorator})
export class ToolsModule {}
`;

describe('registerProvider', () => {
  it.each([
    ['{ providers: [A] }', '{ providers: [A, B] }'],
    ['{ providers: [] }', '{ providers: [B] }'],
    ['{ imports: [C], providers: [A], exports: [A] }', '{ imports: [C], providers: [A, B], exports: [A] }'],
    ['{\n  providers: [\n    A,\n  ],\n}', '{\n  providers: [\n    A, B],\n}'],
  ])('adds to @Module(%j)', (before, after) => {
    const added = registerProvider(moduleOf(before), 'B', './b.js');
    expect(added).toBe(moduleOf(after).replace("'./a.js';\n", "'./a.js';\nimport { B } from './b.js';\n"));
  });

  it('adds the first relative import after the others', () => {
    const source =
      "import {\n  Module,\n} from '@nestjs/common';\n\n@Module({ providers: [] })\nclass X {}\n";
    expect(registerProvider(source, 'B', './b.js')).toBe(
      "import {\n  Module,\n} from '@nestjs/common';\nimport { B } from './b.js';\n\n@Module({ providers: [B] })\nclass X {}\n",
    );
  });

  it('finds no place in a module without a list of providers', () => {
    expect(registerProvider(moduleOf('{}'), 'B', './b.js')).toBeUndefined();
    expect(registerProvider('', 'B', './b.js')).toBeUndefined();
  });
});
