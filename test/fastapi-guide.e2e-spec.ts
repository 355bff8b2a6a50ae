import { type Aerie, startAerie } from './support/aerie.js';

/** Runs the checks of Scalekit's guide for FastAPI and FastMCP against a server at the root of its host. */
describe('the checks of the FastAPI guide', () => {
  let aerie: Aerie;
  beforeAll(async () => {
    aerie = await startAerie({ path: '/' });
  });
  afterAll(() => aerie.close());

  it('serves the resource at the root', () => {
    expect(aerie.url).toMatch(/^http:\/\/localhost:\d+\/$/);
  });

  it('missing token: 401 with WWW-Authenticate', async () => {
    const response = await fetch(aerie.url, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(
      `resource_metadata="${aerie.origin}/.well-known/oauth-protected-resource"`,
    );
  });

  it('invalid token: 401', async () => {
    const response = await fetch(aerie.url, {
      method: 'POST',
      headers: { Authorization: 'Bearer invalid-token' },
    });
    expect(response.status).toBe(401);
  });

  it('health: 200 and {"status":"healthy"}', async () => {
    const response = await fetch(`${aerie.origin}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'healthy' });
  });

  it('metadata: public', async () => {
    const response = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource`);
    expect(await response.json()).toMatchObject({
      resource: aerie.url,
      authorization_servers: [aerie.issuer.resourceIssuer],
    });
  });

  it('its curl call works with the members that JSON-RPC requires and curl’s Accept header', async () => {
    const response = await fetch(aerie.url, {
      method: 'POST',
      headers: {
        Accept: '*/*',
        Authorization: `Bearer ${await aerie.token()}`,
        'Content-Type': 'application/json',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet_user","arguments":{"name":"Saif"}}}',
    });
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ type: 'text', text: 'Hi Saif, welcome to Scalekit!' }] },
    });
  });

  it('its unmodified curl call is rejected as invalid JSON-RPC', async () => {
    const response = await fetch(aerie.url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await aerie.token()}`, 'Content-Type': 'application/json' },
      body: '{"method":"tools/call","params":{"name":"greet_user","arguments":{"name":"Saif"}}}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32600 }, id: null });
  });

  it('its curl call without a token: 401', async () => {
    expect((await fetch(aerie.url)).status).toBe(401);
  });
});
