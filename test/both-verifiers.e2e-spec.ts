import { type Aerie, RESOURCE_ID, startAerie } from './support/aerie.js';
import { runCommand } from './support/run-command.js';
import { claimsFor, ISSUER, OwnKey } from './support/own-keys.js';
import { ERAS, message, post, resultText, toolCall } from './support/rpc.js';
import { initialize, openSession, RawSession } from './support/sessions.js';
import { until } from './support/until.js';
import { eventually } from './support/until.js';

const WHO = message(toolCall('whoami'));

describe('Scalekit and own keys at once', () => {
  const key = new OwnKey();
  const environment = { AUTH_MODE: 'scalekit,jwt', JWT_PUBLIC_KEY: key.pem, JWT_ISSUER: ISSUER };
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ environment: { ...environment, JWT_REQUIRED_SCOPES: 'read' } });
  });
  afterAll(() => aerie.close());

  const status = async (token: string): Promise<number> => (await post(aerie.url, token, WHO)).status;
  /** Issuers in the log lines with a message. */
  const issuersOf = (msg: string): Set<string> =>
    new Set(
      aerie.logs
        .map((line) => JSON.parse(line) as { msg?: string; issuer?: string })
        .flatMap((line) => (line.msg === msg && line.issuer !== undefined ? [line.issuer] : [])),
    );
  const machine = (claims: Record<string, unknown> = {}): Promise<string> =>
    key.sign(claimsFor(aerie, { scope: 'read', ...claims }));

  it('accepts people through Scalekit and machines through own keys', async () => {
    const person = await resultText(await post(aerie.url, await aerie.token(), WHO));
    expect(JSON.parse(person)).toMatchObject({ kind: 'person', organizationId: 'org_acme' });
    const other = await resultText(await post(aerie.url, await machine({ org_id: 'org_globex' }), WHO));
    expect(JSON.parse(other)).toMatchObject({ kind: 'machine', organizationId: 'org_globex', roles: [] });
  });

  it('rejects tokens that are signed with the other issuer’s key', async () => {
    for (const iss of [aerie.issuer.url, aerie.issuer.resourceIssuer]) {
      expect(await status(await machine({ iss }))).toBe(401);
      expect(await status(await key.sign(claimsFor(aerie, { iss }), { kid: undefined }))).toBe(401);
    }
    expect(await status(await aerie.token({ claims: { iss: ISSUER, scope: 'read' } }))).toBe(401);
    for (const iss of [`${ISSUER}/`, 'https://other.example', undefined]) {
      expect(await status(await machine({ iss }))).toBe(401);
    }
  });

  it('names the issuer of each caller in the log', async () => {
    for (const token of [await aerie.token(), await machine()]) {
      await post(aerie.url, token, WHO);
      await post(aerie.url, token, message({ method: 'ping' }));
    }
    await until(() => issuersOf('request').size === 2 && issuersOf('call').size === 2);
    const issuers = new Set([aerie.issuer.url, ISSUER]);
    expect([issuersOf('request'), issuersOf('call')]).toEqual([issuers, issuers]);
  });

  it('applies the rules for own keys to own keys only', async () => {
    expect(await status(await machine({ scope: '' }))).toBe(403);
    expect(await status(await aerie.token({ scope: '' }))).toBe(200);
    const byId = { aud: 'res_100000000000000001' };
    expect(await status(await machine(byId))).toBe(401);
    expect(await status(await aerie.token({ claims: byId }))).toBe(200);
  });

  it('publishes the authorization server, without scopes that only machines need', async () => {
    const metadata = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await metadata.json()).toEqual({
      resource: aerie.url,
      authorization_servers: [aerie.issuer.resourceIssuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['admin', 'org:read', 'todo:read', 'todo:write', 'usr:read'],
    });
    const challenge = (await post(aerie.url, undefined, WHO)).headers.get('www-authenticate');
    expect(challenge).toContain('scope="org:read todo:read usr:read"');
    const old = await fetch(`${aerie.origin}/.well-known/oauth-authorization-server`, { redirect: 'manual' });
    expect(old.status).toBe(302);
  });

  it('serves machines while Scalekit is down, with degraded readiness', async () => {
    const lonely = await startAerie({ environment, issuerDown: true });
    try {
      expect((await post(lonely.url, await lonely.token(), WHO)).status).toBe(503);
      expect((await post(lonely.url, await key.sign(claimsFor(lonely)), WHO)).status).toBe(200);
      const ready = await fetch(`${lonely.origin}/health/ready`);
      expect(ready.status).toBe(200);
      expect(await ready.json()).toMatchObject({
        status: 'degraded',
        details: { signingKeys: { status: 'degraded', issuerReachable: false } },
      });
    } finally {
      await lonely.close();
    }
  });
});

describe('the same subject of two issuers', () => {
  const key = new OwnKey();
  const claims = { sub: 'admin', client_id: 'skc_same', scope: 'usr:read' };
  let aerie: Aerie;
  let person: string;
  let machine: string;
  beforeEach(async () => {
    aerie = await startAerie({
      environment: {
        AUTH_MODE: 'scalekit,jwt',
        JWT_PUBLIC_KEY: key.pem,
        JWT_ISSUER: ISSUER,
        MCP_SESSIONS: 'on',
        MAX_SESSIONS_PER_CALLER: '1',
        RATE_LIMIT_CALLER: '3/h',
        RATE_LIMIT_ORGANIZATION: '4/h',
      },
    });
    person = await aerie.token({ claims: { ...claims, oid: 'org_same', org_id: 'org_same' } });
    machine = await key.sign(claimsFor(aerie, { ...claims, org_id: 'org_same' }));
  });
  afterEach(() => aerie.close());

  it.each(ERAS)('has separate limits per issuer (%s)', async (_era, ask) => {
    const calls = async (token: string): Promise<number[]> => {
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await ask(aerie.url, token, toolCall('whoami'))).status);
      return statuses;
    };
    expect(await calls(person)).toEqual([200, 200, 200, 429]);
    expect(await calls(machine)).toEqual([200, 200, 200, 429]);
  });

  it.each(ERAS)('has a separate limit per organization (%s)', async (_era, ask) => {
    const elsewhere = await aerie.token({ claims: { ...claims, oid: 'org_2', org_id: 'org_2' } });
    for (let i = 0; i < 4; i++) await ask(aerie.url, elsewhere, toolCall('whoami'));
    expect((await ask(aerie.url, elsewhere, toolCall('whoami'))).status).toBe(429);
    expect((await ask(aerie.url, person, toolCall('whoami'))).status).toBe(200);
  });

  it.each(ERAS)('shares its limit between both Scalekit issuers (%s)', async (_era, ask) => {
    const oid = { oid: 'org_same', org_id: 'org_same' };
    const tokens = [aerie.issuer.url, aerie.issuer.resourceIssuer].map((iss) =>
      aerie.token({ claims: { ...claims, ...oid, iss } }),
    );
    const statuses = [];
    for (const token of [...tokens, ...tokens]) {
      statuses.push((await ask(aerie.url, await token, toolCall('whoami'))).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it.each(ERAS)('can be revoked for one issuer or one organization only (%s)', async (_era, ask) => {
    const environment = {
      AUTH_MODE: 'scalekit,jwt',
      SK_ENV_URL: aerie.issuer.url,
      SK_CLIENT_SECRET: 'none',
      MCP_SERVER_ID: RESOURCE_ID,
      RESOURCE_URL: aerie.url,
      JWT_PUBLIC_KEY: key.pem,
      JWT_ISSUER: ISSUER,
      STATE_DIRECTORY: aerie.stateDirectory,
    };
    const revoke = (...words: string[]) =>
      runCommand('revoke', ['--subject', 'admin', ...words], process.cwd(), environment);
    const elsewhere = await aerie.token({ claims: { ...claims, oid: 'org_2', org_id: 'org_2' } });
    const statuses = async (): Promise<number[]> => {
      const all = [];
      for (const token of [person, elsewhere, machine]) {
        all.push((await ask(aerie.url, token, { method: 'tools/list' })).status === 401 ? 401 : 200);
      }
      return all;
    };

    expect((await revoke('--issuer', ISSUER)).stdout).toContain(`from the issuer "${ISSUER}"`);
    await eventually(statuses, [200, 200, 401]);
    await revoke('--issuer', ISSUER, '--undo');
    await revoke('--issuer', aerie.issuer.resourceIssuer, '--organization', 'org_2');
    await eventually(statuses, [200, 401, 200]);
    await revoke('--issuer', aerie.issuer.resourceIssuer, '--organization', 'org_2', '--undo');
    const ofOtherEndpoint = `${aerie.issuer.url}/resources/res_456`;
    expect(await revoke('--issuer', ofOtherEndpoint)).toMatchObject({ code: 0, stderr: '' });
    await eventually(statuses, [401, 401, 200]);
    await revoke('--issuer', ofOtherEndpoint, '--undo');
    await eventually(statuses, [200, 200, 200]);
  });

  it.each(ERAS)('can be revoked for an issuer of another endpoint (%s)', async (_era, ask) => {
    // An application may register this endpoint next to one with other issuers, which the command reads.
    const environment = {
      AUTH_MODE: 'jwt',
      RESOURCE_URL: aerie.url,
      JWT_PUBLIC_KEY: key.pem,
      JWT_ISSUER: 'https://default.example',
      STATE_DIRECTORY: aerie.stateDirectory,
    };
    const revoke = (issuer: string, ...words: string[]) =>
      runCommand('revoke', ['--subject', 'admin', '--issuer', issuer, ...words], process.cwd(), environment);
    const statuses = async (): Promise<number[]> => {
      const list = { method: 'tools/list' };
      return [(await ask(aerie.url, person, list)).status, (await ask(aerie.url, machine, list)).status].map(
        (status) => (status === 401 ? 401 : 200),
      );
    };
    const { code, stdout, stderr } = await revoke(ISSUER);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`from the issuer "${ISSUER}"`),
      stderr: expect.stringMatching(/^Warning: .*only if another endpoint .*https:\/\/default\.example/),
    });
    await eventually(statuses, [200, 401]);
    await revoke(ISSUER, '--undo');
    expect(await revoke(aerie.issuer.resourceIssuer)).toMatchObject({
      stdout: expect.stringContaining(`from the issuer "${aerie.issuer.url}"`),
    });
    await eventually(statuses, [401, 200]);
  });

  it('can neither use nor evict sessions of the other issuer', async () => {
    const session = await openSession(aerie.url, person);
    const stranger = new RawSession(aerie.url, machine, session.id);
    expect((await stranger.post(message({ method: 'ping' }))).status).toBe(404);
    expect((await stranger.delete()).status).toBe(404);
    expect((await post(aerie.url, machine, initialize())).status).toBe(200);
    expect((await session.post(message({ method: 'ping' }))).status).toBe(200);
  });
});
