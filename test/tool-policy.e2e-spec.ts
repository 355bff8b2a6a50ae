import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Aerie, startAerie } from './support/aerie.js';
import { Listener } from './support/listener.js';
import { ERAS, message, post, toolCall } from './support/rpc.js';
import { eventually } from './support/until.js';

const POLICY = {
  org_acme: { deny: ['greet_user', 'admin_tool'] },
  org_globex: { allow: ['greet_user'] },
  '*': { allow: ['whoami'] },
};

describe('the tool policy of organizations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aerie-policy-'));
  const file = join(folder, 'tool-policy.json');
  const write = (policy: object): void => {
    writeFileSync(`${file}.new`, JSON.stringify(policy));
    renameSync(`${file}.new`, file);
  };
  let aerie: Aerie;
  beforeAll(async () => {
    write(POLICY);
    aerie = await startAerie({ environment: { TOOL_POLICY: file } });
  });
  afterAll(async () => {
    await aerie.close();
    rmSync(folder, { recursive: true });
  });

  const as = (oid: string | undefined): Promise<string> =>
    aerie.token({ claims: { oid, scopes: ['usr:read', 'org:read'] } });
  const listed = async (organization: string | undefined): Promise<string[]> => {
    const tools = await aerie.as({ organization, scopes: ['usr:read', 'org:read'] }).listTools();
    return tools.map(({ name }) => name);
  };

  it('filters lists', async () => {
    expect(await listed('org_acme')).toEqual(expect.arrayContaining(['get_org_data', 'whoami']));
    expect(await listed('org_acme')).not.toContain('greet_user');
    expect(await listed('org_globex')).toEqual(['greet_user']);
    expect(await listed('org_other')).toEqual(['whoami']);
    expect(await listed(undefined)).toEqual(['whoami']);
  });

  it.each(ERAS)('rejects a call with an error result, whatever its scopes: %s', async (_era, send) => {
    const refused = await send(aerie.url, await as('org_acme'), toolCall('greet_user', { name: 'A' }));
    expect(refused.status).toBe(200);
    expect(await refused.text()).toMatch(/not available to your organization/);
    // A sign-in for the scope would not help, so there is no challenge.
    const unscoped = await send(aerie.url, await as('org_acme'), toolCall('admin_tool'));
    expect(unscoped.status).toBe(200);
    const allowed = await send(aerie.url, await as('org_globex'), toolCall('greet_user', { name: 'A' }));
    expect(await allowed.text()).toMatch(/Hi A/);
  });

  it('is reloaded when the file changes, and listeners are notified', async () => {
    const listener = await Listener.open(aerie.url, await as('org_other'), { toolsListChanged: true });
    write({ ...POLICY, org_other: { allow: ['get_org_data'] } });
    await eventually(() => listed('org_other'), ['get_org_data']);
    await listener.heard(2);
    expect(listener.events).toEqual(['notifications/tools/list_changed']);
  });

  it('fails startup if it names an unknown tool', async () => {
    const other = join(folder, 'other.json');
    writeFileSync(other, JSON.stringify({ org_acme: { deny: ['greet_usr'] } }));
    await expect(startAerie({ environment: { TOOL_POLICY: other } })).rejects.toThrow(
      /TOOL_POLICY.*greet_usr/s,
    );
  });
});

it('hides a tool that injects Organization from callers without one, without a declaration', async () => {
  const aerie = await startAerie();
  try {
    const nobody = await aerie.token({ claims: { oid: undefined, scopes: ['org:read'] } });
    const list = await post(aerie.url, nobody, message({ method: 'tools/list' }));
    expect(await list.text()).not.toContain('get_org_data');
    const call = await post(aerie.url, nobody, message(toolCall('get_org_data')));
    expect(await call.text()).toMatch(/needs an organization/);
  } finally {
    await aerie.close();
  }
});
