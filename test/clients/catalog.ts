import type { Step } from './result.js';

/** Client of which a program exercises the current version. */
export interface Client {
  readonly title: string;
  readonly language?: string;
  /** Whether it signs in with OAuth code of its own. Other clients get a token for a header. */
  readonly signsIn: boolean;
  /** Why a step fails, with the client's own issue where there is one. */
  readonly failures?: Readonly<Partial<Record<Step['step'], string>>>;
  readonly note?: string;
  /** Whether it is a suite of checks instead of a client. */
  readonly isSuite?: true;
}

const LOOPS_ON_REFRESH =
  'After a 403, the SDK refreshes its token, which cannot add a scope, and gives up (modelcontextprotocol/typescript-sdk#2255). Delete the tokens to sign in again, or ask for the scopes at the first sign-in with `SIGN_IN_SCOPES`.';
const RENEWS = 'The test cannot spoil the token that this client keeps to itself.';

/** Clients by the folder of their program. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  'typescript-sdk-1': {
    title: 'TypeScript SDK v1',
    language: 'TypeScript',
    signsIn: true,
    failures: { 'step-up': LOOPS_ON_REFRESH },
  },
  'typescript-sdk-2': { title: 'TypeScript SDK v2', language: 'TypeScript', signsIn: true },
  'python-mcp-1': { title: 'Python SDK v1', language: 'Python', signsIn: true },
  'python-mcp-2': { title: 'Python SDK v2', language: 'Python', signsIn: true },
  'fastmcp-2.12': {
    title: 'FastMCP 2.12',
    language: 'Python',
    signsIn: true,
    note: 'Needs an older pydantic than its requirements name.',
  },
  'fastmcp-2.14': { title: 'FastMCP 2.14', language: 'Python', signsIn: true },
  'fastmcp-3': { title: 'FastMCP 3', language: 'Python', signsIn: true },
  'fastmcp-4': { title: 'FastMCP 4', language: 'Python', signsIn: true },
  'ai-sdk': {
    title: 'AI SDK',
    language: 'TypeScript',
    signsIn: true,
    failures: {
      'step-up':
        'The transport handles 401 only: a 403 becomes an error of the call. Ask for the scopes at the first sign-in with `SIGN_IN_SCOPES`.',
    },
  },
  'langchain-js': {
    title: 'LangChain',
    language: 'TypeScript',
    signsIn: true,
    failures: { 'step-up': `Uses the TypeScript SDK v1. ${LOOPS_ON_REFRESH}` },
  },
  'langchain-python': { title: 'LangChain', language: 'Python', signsIn: true },
  'openai-agents-js': { title: 'OpenAI Agents', language: 'TypeScript', signsIn: true },
  'openai-agents-python': { title: 'OpenAI Agents', language: 'Python', signsIn: true },
  'mcp-use-js': {
    title: 'mcp-use',
    language: 'TypeScript',
    signsIn: true,
    note: 'Version 2 of the package has no client.',
    failures: { 'step-up': `Uses the TypeScript SDK v1. ${LOOPS_ON_REFRESH}` },
  },
  'mcp-use-python': {
    title: 'mcp-use',
    language: 'Python',
    signsIn: true,
    failures: {
      'step-up':
        'Its own OAuth code adds a fixed header to each request, so a 403 ends the connection. Ask for the scopes at the first sign-in with `SIGN_IN_SCOPES`.',
      renew:
        'It refreshes by the stored time of expiry only: a token that the server refuses earlier, such as a revoked one, needs a deletion of the stored tokens.',
    },
  },
  llamaindex: { title: 'LlamaIndex', language: 'Python', signsIn: true },
  'pydantic-ai': { title: 'PydanticAI', language: 'Python', signsIn: true },
  crewai: { title: 'CrewAI', language: 'Python', signsIn: false },
  mastra: { title: 'Mastra', language: 'TypeScript', signsIn: true },
  'go-sdk': { title: 'Go SDK', language: 'Go', signsIn: true, note: RENEWS },
  'mcp-go': { title: 'mcp-go', language: 'Go', signsIn: true },
  rmcp: { title: 'Rust SDK (rmcp)', language: 'Rust', signsIn: true, note: RENEWS },
  'java-sdk': { title: 'Java SDK', language: 'Java', signsIn: false },
  mcpc: { title: 'mcpc', signsIn: true, note: RENEWS },
  mcpjam: {
    title: 'Conformance suites of MCPJam',
    signsIn: true,
    isSuite: true,
    note: 'They need an older `@modelcontextprotocol/client` than the latest that their requirements allow.',
  },
};
