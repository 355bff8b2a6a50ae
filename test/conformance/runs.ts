/** One run of a suite against a server of its own. */
export interface Run {
  readonly title: string;
  /** The suite's package, as package.json pins it. */
  readonly suite: '@modelcontextprotocol/conformance' | 'conformance-0.1';
  readonly parameters: readonly string[];
  /** How the server is configured. */
  readonly environment: NodeJS.ProcessEnv;
  /** The scored scenarios that have to fail: these, and no others. */
  readonly failing: readonly string[];
}

const CURRENT = '@modelcontextprotocol/conformance';

/** Everything that has to hold. */
export const RUNS: readonly Run[] = [
  {
    title: 'MCP 2025-11-25 with sessions',
    suite: CURRENT,
    parameters: ['--requirements', '2025-11-25'],
    environment: { MCP_SESSIONS: 'on' },
    failing: [],
  },
  {
    title: 'MCP 2026-07-28',
    suite: CURRENT,
    parameters: ['--requirements', '2026-07-28'],
    environment: {},
    failing: [],
  },
  {
    title: 'the suite of 2025, with sessions',
    suite: 'conformance-0.1',
    parameters: ['--suite', 'all'],
    environment: { MCP_SESSIONS: 'on' },
    failing: [],
  },
  {
    title: 'MCP 2025-11-25 without sessions',
    suite: CURRENT,
    parameters: ['--requirements', '2025-11-25'],
    environment: {},
    // They ask the client in the midst of a call, and without a session there is no way to it.
    failing: [
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
      'tools-call-elicitation',
      'tools-call-sampling',
    ],
  },
];
