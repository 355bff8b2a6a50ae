/** Run of a suite against its own server. */
export interface Run {
  readonly title: string;
  /** The suite's package, as package.json pins it. */
  readonly suite: '@modelcontextprotocol/conformance' | 'conformance-0.1';
  readonly parameters: readonly string[];
  /** Environment of the server. */
  readonly environment: NodeJS.ProcessEnv;
  /** Scored scenarios that must fail. No other scenario may fail. */
  readonly failing: readonly string[];
}

const CURRENT = '@modelcontextprotocol/conformance';

/** All expected runs. */
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
    // These scenarios send requests to the client during a call, which needs a session.
    failing: [
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
      'tools-call-elicitation',
      'tools-call-sampling',
    ],
  },
];
