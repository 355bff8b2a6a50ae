import * as ts from 'typescript';

import { addImport } from './add-import.js';

const NEST = "import { Module } from '@nestjs/common';\n";

describe('addImport', () => {
  it.each([
    ['a package after those that sort before it', NEST, 'z', 'zod', `${NEST}import { z } from 'zod';\n`],
    [
      'a package before those that sort after it',
      "import { z } from 'zod';\n",
      'A',
      'aerie-mcp',
      "import { A } from 'aerie-mcp';\nimport { z } from 'zod';\n",
    ],
    [
      'a file among the other files',
      `${NEST}\nimport { A } from './a.js';\nimport { C } from './c.js';\n`,
      'B',
      './b.js',
      `${NEST}\nimport { A } from './a.js';\nimport { B } from './b.js';\nimport { C } from './c.js';\n`,
    ],
    [
      'the first package before the files',
      "// License\nimport { A } from './a.js';\n",
      'Module',
      '@nestjs/common',
      `// License\n${NEST}import { A } from './a.js';\n`,
    ],
    [
      'the first file after the packages',
      `import {\n  Module,\n} from '@nestjs/common';\n\nclass X {}\n`,
      'B',
      './b.js',
      `import {\n  Module,\n} from '@nestjs/common';\nimport { B } from './b.js';\n\nclass X {}\n`,
    ],
    [
      'a package after an import for its side effect',
      "import 'reflect-metadata';\nimport { z } from 'zod';\n",
      'A',
      'aerie-mcp',
      "import 'reflect-metadata';\nimport { A } from 'aerie-mcp';\nimport { z } from 'zod';\n",
    ],
    [
      'an import to a source without imports',
      'class X {}\n',
      'B',
      './b',
      "import { B } from './b';\n\nclass X {}\n",
    ],
    [
      'a name to an import',
      NEST,
      'Injectable',
      '@nestjs/common',
      NEST.replace('Module', 'Injectable, Module'),
    ],
    [
      'an import next to one of types',
      "import type { Type } from './a.js';\n",
      'A',
      './a.js',
      "import type { Type } from './a.js';\nimport { A } from './a.js';\n",
    ],
    [
      'an import in the style of the others',
      'import { A } from "./a"\r\n',
      'B',
      './b',
      'import { A } from "./a"\r\nimport { B } from "./b"\r\n',
    ],
  ])('adds %s', (_what, source, name, from, expected) => {
    expect(addImport(ts, source, name, from)).toBe(expected);
  });

  it('changes nothing if the name is imported already', () => {
    expect(addImport(ts, NEST, 'Module', '@nestjs/common')).toBe(NEST);
  });
});
