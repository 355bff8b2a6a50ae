// Suites of checks rather than a client: of the protocol with a token, and of the sign-in in three revisions.
import { MCPConformanceTest, OAuthConformanceTest } from '@mcpjam/sdk';
import { report, token, url } from './client.mjs';

const openUrl = async (authorizationUrl) => {
  void fetch(`${process.env.BROWSER_URL}?follow`, { method: 'POST', body: authorizationUrl }).catch(
    () => undefined,
  );
};

function reportSuite(name, parts) {
  const failed = parts.filter(({ status }) => status === 'failed');
  const detail = failed
    .map(({ id, step, error }) => `${id ?? step}: ${error?.message ?? 'failed'}`)
    .join('; ');
  const passed = parts.filter(({ status }) => status === 'passed').length;
  report(
    'conformance',
    failed.length === 0 ? 'passed' : 'failed',
    `${name}: ${passed} passed${detail && `; ${detail}`}`,
  );
}

const protocol = await new MCPConformanceTest({ serverUrl: url, accessToken: token }).run();
reportSuite('protocol', protocol.checks);

for (const protocolVersion of ['2025-03-26', '2025-06-18', '2025-11-25']) {
  const signIn = await new OAuthConformanceTest({
    serverUrl: url,
    protocolVersion,
    registrationStrategy: 'dcr',
    auth: { mode: 'interactive', openUrl },
    oauthConformanceChecks: true,
    verification: { listTools: true, callTool: { name: 'greet_user', params: { name: 'Ada' } } },
  }).run();
  reportSuite(`sign-in of ${protocolVersion}`, signIn.steps);
}
process.exit(0);
