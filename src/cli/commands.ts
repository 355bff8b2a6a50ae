import { hasApplication } from './terminal/has-application.js';
import type { Define } from './terminal/command.js';

/** Entry of the list of commands. Only the definition of the command that runs is loaded. */
interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Whether the command runs, checks or migrates the application of this repository, which the package is without. */
  readonly needsApplication?: true;
  readonly load: () => Promise<Define>;
}

const ALL: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'run the server',
    needsApplication: true,
    load: async () => (await import('./start/command.js')).defineStart,
  },
  {
    name: 'check',
    summary: 'check whether the server would start with this environment',
    needsApplication: true,
    load: async () => (await import('./check/command.js')).defineCheck,
  },
  {
    name: 'list',
    summary: 'list what a server offers',
    load: async () => (await import('./list/command.js')).defineList,
  },
  {
    name: 'call',
    summary: 'call a tool',
    load: async () => (await import('./call/command.js')).defineCall,
  },
  {
    name: 'inspect',
    summary: 'open the MCP Inspector on a server',
    load: async () => (await import('./inspect/command.js')).defineInspect,
  },
  {
    name: 'doctor',
    summary: 'find out what would break the clients of a server',
    load: async () => (await import('./doctor/command.js')).defineDoctor,
  },
  {
    name: 'server-json',
    summary: 'print the entry of the server for the MCP registry',
    load: async () => (await import('./server-json/command.js')).defineServerJson,
  },
  {
    name: 'new',
    summary: 'write a tool, resource or prompt with its spec',
    load: async () => (await import('./new/command.js')).defineNew,
  },
  {
    name: 'import',
    summary: 'write tools for operations of an OpenAPI document',
    load: async () => (await import('./import/command.js')).defineImport,
  },
  {
    name: 'init',
    summary: 'add Aerie to a NestJS application',
    load: async () => (await import('./init/command.js')).defineInit,
  },
  {
    name: 'token',
    summary: 'print, sign or verify an access token',
    load: async () => (await import('./token/command.js')).defineToken,
  },
  {
    name: 'keygen',
    summary: 'create a key pair for your own tokens',
    load: async () => (await import('./keygen/command.js')).defineKeygen,
  },
  {
    name: 'revoke',
    summary: 'revoke tokens that were issued, or list or undo revocations',
    load: async () => (await import('./revoke/command.js')).defineRevoke,
  },
  {
    name: 'audit',
    summary: 'verify or list the records of an audit trail',
    load: async () => (await import('./audit/command.js')).defineAudit,
  },
  {
    name: 'migrate',
    summary: 'bring the schema of your PostgreSQL up to date',
    needsApplication: true,
    load: async () => (await import('./migrate/command.js')).defineMigrate,
  },
];

/** Commands of this installation. */
export const COMMANDS = ALL.filter(({ needsApplication }) => hasApplication || !needsApplication);
