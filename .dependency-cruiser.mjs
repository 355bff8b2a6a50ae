/** What each room of src/ may import: downwards only. @type {import('dependency-cruiser').IConfiguration} */
const room = (name, mayImport, comment) => ({
  name: `${name}-imports-downwards`,
  comment,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: [name, ...mayImport].map((allowed) => `^src/${allowed}(/|$)`) },
});

export default {
  forbidden: [
    room('files', [], 'files know nobody'),
    room('config', ['files'], 'configuration knows nobody'),
    room('redis', ['config']),
    room('logging', ['config'], 'everyone may log, so the log knows nobody'),
    room('auth', ['logging', 'redis', 'files', 'config'], 'auth knows nothing of MCP'),
    room('limits', ['logging', 'redis', 'auth', 'config'], 'limits count what they are told, whoever tells'),
    room('metadata', ['auth', 'config']),
    room('health', ['database', 'mcp', 'http', 'redis', 'auth', 'config']),
    room('mcp', ['limits', 'logging', 'redis', 'auth', 'files', 'config']),
    room('http', ['config']),
    room('database', ['mcp', 'auth', 'config'], 'it serves tools, so it may speak to models'),
    room('tools', ['database', 'mcp', 'auth', 'config']),
    room('dev-issuer', ['config'], 'the issuer is a stranger to the server, as Scalekit is'),
    room('cli', ['tools', 'mcp', 'database', 'redis', 'auth', 'config', 'dev-issuer', 'application.ts']),
    {
      name: 'no-development-dependencies-at-run-time',
      comment: 'Only the embedded issuer, which production refuses, may need them; others may try for them.',
      severity: 'error',
      from: { path: '^src', pathNot: ['\\.spec\\.ts$', '^src/dev-issuer/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'dynamic-import'] },
    },
    {
      name: 'dev-issuer-only-on-demand',
      comment: 'Loaded by dynamic import, so that production neither ships nor loads it.',
      severity: 'error',
      from: { path: '^src', pathNot: ['^src/dev-issuer/', '\\.spec\\.ts$'] },
      to: { path: '^src/dev-issuer/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'only-the-database-connects',
      comment: 'A tool has the rows of its caller’s organisation, and never a connection.',
      severity: 'error',
      from: { path: '^src', pathNot: ['^src/database/', '\\.spec\\.ts$'] },
      to: { path: 'node_modules/(pg|@electric-sql)/' },
    },
    {
      name: 'tools-see-the-front-of-the-database',
      severity: 'error',
      from: { path: '^src/tools/' },
      to: { path: '^src/database/', pathNot: '^src/database/index\\.ts$' },
    },
    {
      name: 'catalog-is-made-before-calls',
      comment: 'start-up makes the catalogue, calls read it',
      severity: 'error',
      from: { path: '^src/mcp/catalog/' },
      to: { path: '^src/mcp/(invocation|transport)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-undeclared-dependencies',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.spec\\.ts$', '^src/(dev-issuer/)?main\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
