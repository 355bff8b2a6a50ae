import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { listen } from '../src/values/listen.js';
import { BuiltApplication, DIST } from './support/built-application.js';
import { createCertificates } from './support/certificates.js';
import { claimsFor, OwnKey } from './support/own-keys.js';
import { freePort } from './support/ports.js';
import { message, post, resultText, toolCall } from './support/rpc.js';
import { until } from './support/until.js';

const HOSTS = ['scalekit', 'keys', 'collector', 'audit', 'api', 'elsewhere'].map(
  (name) => `${name}.example.com`,
);
const RESOURCE_URL = 'https://mcp.example.com/mcp';
const ISSUER = 'https://keys.example.com';

const inDist = (path: string): string => JSON.stringify(pathToFileURL(join(DIST, path)));

const TOOLS = `
import { Module } from '@nestjs/common';
import { fromOpenApi } from ${inDist('mcp/index.js')};
const operation = (name) => ({ get: { operationId: name, summary: name, responses: { 200: { description: 'OK' } } } });
export class ToolsModule {}
Module({ imports: [fromOpenApi({
  name: 'pets',
  baseUrl: 'https://api.example.com',
  document: {
    openapi: '3.1.0',
    info: { title: 'Pets', version: '1' },
    paths: { '/pets': operation('list_pets'), '/moved': operation('moved') },
  },
  operations: { list_pets: { name: 'list_pets', scopes: 'authenticated' }, moved: { name: 'moved', scopes: 'authenticated' } },
})] })(ToolsModule);`;

/** Makes the build offer {@link TOOLS} only. */
const ONLY_TOOLS = `--import ${JSON.stringify(
  `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({
      load: (url, context, next) =>
        url === ${inDist('tools/tools.module.js')}
          ? { format: 'module', source: ${JSON.stringify(TOOLS)}, shortCircuit: true }
          : next(url, context),
    });`)}`,
)}`;

describe('behind a proxy for outgoing requests', () => {
  const key = new OwnKey();
  /** Requests that arrived, by host and path. */
  const arrived = new Set<string>();
  /** Targets that the proxy was asked to connect to. */
  const connected = new Set<string>();
  let directory: string;
  let servers: readonly (Server | ReturnType<typeof createHttpServer>)[];
  let environment: NodeJS.ProcessEnv;
  let application: BuiltApplication;
  let origin: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-'));
    const { ca, server } = createCertificates(directory, HOSTS);
    const internet = createHttpsServer(
      { key: readFileSync(`${server}.key`), cert: readFileSync(`${server}.pem`) },
      ({ headers: { host }, url }, response) => {
        arrived.add(`${host}${url}`);
        if (url === '/moved') response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end();
        else response.setHeader('content-type', 'application/json').end(answerTo(url));
      },
    );
    const answerTo = (url: string | undefined): string =>
      JSON.stringify(
        url === '/pets' ? ['Rex'] : { keys: [key.jwk({ kid: 'key', alg: 'RS256', use: 'sig' })] },
      );
    const internetPort = await listen(internet);
    const proxy = createHttpServer().on('connect', ({ url = '' }, near) => {
      connected.add(url);
      const far = connect(internetPort, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    const proxyPort = await listen(proxy);
    servers = [internet, proxy];
    const port = await freePort();
    origin = `http://localhost:${port}`;
    environment = {
      NODE_ENV: 'production',
      PORT: String(port),
      HOST: '127.0.0.1',
      RESOURCE_URL,
      AUTH_MODE: 'scalekit,jwt',
      SK_ENV_URL: 'https://scalekit.example.com',
      MCP_SERVER_ID: 'res_1',
      JWT_JWKS_URI: `${ISSUER}/jwks`,
      JWT_ISSUER: ISSUER,
      AUDIT: 'webhook',
      AUDIT_WEBHOOK_URL: 'https://audit.example.com/records',
      AUDIT_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_METRIC_EXPORT_TIMEOUT: '200',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_TRACES_SAMPLER_ARG: '1',
      NODE_EXTRA_CA_CERTS: ca,
      NODE_OPTIONS: ONLY_TOOLS,
      HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`,
    };
  });
  afterEach(() => application.kill());
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections();
    rmSync(directory, { recursive: true });
  });

  const call = async (tool: string): Promise<string> => {
    const token = await key.sign(claimsFor({ url: RESOURCE_URL }, { iss: ISSUER }), { kid: 'key' });
    return resultText(
      await post(`${origin}/mcp`, token, message(toolCall(tool)), { host: 'mcp.example.com' }),
    );
  };

  it('sends all requests through it, but redirects to other hosts, whose addresses it would choose', async () => {
    application = BuiltApplication.start(directory, { ...environment, NODE_USE_ENV_PROXY: '1' });
    await application.answers(`${origin}/health/ready`);
    expect(await call('list_pets')).toBe('["Rex"]');
    expect(await call('moved')).toMatch(/^The API "pets" cannot be reached/);
    const requests = [
      'scalekit.example.com/keys',
      'keys.example.com/jwks',
      'api.example.com/pets',
      'api.example.com/moved',
      'audit.example.com/records',
      'collector.example.com/v1/metrics',
      'collector.example.com/v1/traces',
    ];
    await until(() => requests.every((request) => arrived.has(request)));
    expect(arrived).toEqual(new Set(requests));
    expect([...connected]).not.toContain('elsewhere.example.com:443');
    expect(application.output).not.toContain('NODE_USE_ENV_PROXY');
  }, 60_000);

  it('warns when Node.js was not told to use it', async () => {
    application = BuiltApplication.start(directory, environment);
    await application.answers(`${origin}/health/live`);
    await until(() => application.output.includes('HTTPS_PROXY is set, but Node.js'));
  });
});
