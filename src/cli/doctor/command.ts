import { addExamples, type Define } from '../terminal/command.js';
import type { DoctorOptions } from './doctor.js';

/** Defines `doctor`. */
export const defineDoctor: Define = (command, io) => {
  command
    .description(
      'Looks at a server from outside, as a client does: TLS, redirects, clock, the 401 and its challenge, the ' +
        'metadata of the resource and of the authorization server, registration, PKCE, keys, CORS, and a token. ' +
        'Each finding has a remedy and names the clients that it breaks. The exit code is 1 if there is an error; ' +
        'warnings alone leave it 0.',
    )
    .argument('<url>', 'URL of the MCP endpoint, exactly as clients get it')
    .option('--token <token>', 'access token to check as well; "-" reads it from standard input')
    // The origin of the MCP Inspector.
    .option('--origin <origin>', 'origin of web pages that call the server', 'http://localhost:6274')
    .option('--json', 'print the findings as JSON')
    .action(async (url: string, options: DoctorOptions) => {
      const { doctor } = await import('./doctor.js');
      io.exitCode = await doctor(url, options, io);
    });
  addExamples(command, [
    ['doctor https://mcp.example.com/mcp', 'look for faults'],
    ['doctor https://mcp.example.com/mcp --token -', 'find out why a token from standard input is rejected'],
  ]);
};
