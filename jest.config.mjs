import { availableParallelism } from 'node:os';

const TYPESCRIPT = { syntax: 'typescript', decorators: true };

// NestJS 12 and several dependencies are ESM only, and Jest loads ESM only behind an experimental flag.
// So, inside Jest alone, swc compiles everything to CommonJS. The built application runs as native ESM:
// test/built-application.e2e-spec.ts starts it.
const swc = (parser, transform, isModule = 'unknown') => [
  '@swc/jest',
  {
    swcrc: false,
    isModule, // unknown leaves CommonJS packages alone
    sourceMaps: parser === TYPESCRIPT, // maps of dependencies would take a tenth of the CPU time
    module: { type: 'commonjs' },
    jsc: { target: 'es2023', parser, transform, keepClassNames: true },
  },
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/jest/environment.cjs',
  runtime: '<rootDir>/test/support/jest/runtime.cjs',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/bench'],
  modulePathIgnorePatterns: ['<rootDir>/bench/\\.'],
  testRegex: String.raw`\.(e2e-)?spec\.ts$`,
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/'], // applications with tests of their own
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  resolver: '<rootDir>/test/support/jest-resolver.cjs',
  testSequencer: '<rootDir>/test/support/jest/sequencer.cjs',
  globalSetup: '<rootDir>/test/support/servers/set-up.ts',
  setupFiles: ['reflect-metadata'],
  transform: {
    '^.+\\.ts$': swc(TYPESCRIPT, {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: true,
    }),
    '^.+\\.m?js$': swc({ syntax: 'ecmascript' }, {}),
    // CommonJS, but with import() in it.
    '/(@electric-sql|@opentelemetry/otlp-exporter-base)/.+\\.cjs$': swc({ syntax: 'ecmascript' }, {}, true),
  },
  transformIgnorePatterns: ['/node_modules/(@swc|typescript)/'],
  clearMocks: true,
  restoreMocks: true,
  testTimeout: 180_000, // a busy machine took more than a minute for one that starts two servers
  maxWorkers: availableParallelism() + 2, // many specs wait for time to pass
  // Jest's default is 500 ms, and a busy machine needs seconds to free the memory of a worker, more than a gigabyte.
  // A worker with an open handle never ends by itself, so Jest still reports it.
  workerGracefulExitTimeout: 15_000,
};
