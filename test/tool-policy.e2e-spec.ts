import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LiveCatalog } from '../src/mcp/index.js';
import { ToolPolicyService } from '../src/mcp/policy/tool-policy.service.js';
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

describe('the tool policy of tools that are added while the server runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aerie-policy-'));
  const file = join(folder, 'tool-policy.json');
  const write = (policy: object): void => {
    writeFileSync(`${file}.new`, JSON.stringify(policy));
    renameSync(`${file}.new`, file);
  };
  let aerie: Aerie;
  let policy: ToolPolicyService;
  const start = async (written: object): Promise<void> => {
    write(written);
    aerie = await startAerie({ environment: { TOOL_POLICY: file } });
    aerie.application.useLogger(false);
    policy = aerie.application.get(ToolPolicyService, { strict: false });
  };
  afterEach(() => aerie.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  const addRefund = (): (() => void) =>
    aerie.application
      .get(LiveCatalog, { strict: false })
      .addTool({ name: 'refund', description: 'Refunds.', scopes: 'authenticated' }, () => 'refunded');
  const names = async (): Promise<string[]> => {
    const tools = await aerie.as({ organization: 'org_acme', scopes: ['usr:read'] }).listTools();
    return tools.map(({ name }) => name).filter((name) => name === 'refund' || name === 'whoami');
  };

  it('denies a tool whose name is marked from the start, before it is added', async () => {
    await start({ org_acme: { deny: ['refund?'] } });
    addRefund();
    expect(await names()).toEqual(['whoami']);
    expect(policy.isRefused).toBe(false);
  });

  it('denies a removed tool, and others next to it', async () => {
    await start({});
    const remove = addRefund();
    expect(await names()).toEqual(['refund', 'whoami']);
    remove();
    write({ org_acme: { deny: ['refund', 'whoami'] } });
    await eventually(names, []);
    expect(policy.isRefused).toBe(false);
    addRefund();
    expect(await names()).toEqual([]);
  });

  it('denies at once what a file with an unknown name denies, and loads the file when the tool is added', async () => {
    await start({ org_acme: { deny: ['greet_user'] } });
    const listener = await Listener.open(aerie.url, await aerie.token({ claims: { oid: 'org_acme' } }), {
      toolsListChanged: true,
    });
    write({ org_acme: { deny: ['whoami', 'refund'] } });
    await eventually(names, []);
    await listener.heard(2);
    expect(policy.isRefused).toBe(true);
    expect(policy.allows('org_acme', { name: 'greet_user', group: undefined })).toBe(false);
    addRefund();
    expect(policy.isRefused).toBe(false);
    expect(policy.allows('org_acme', { name: 'greet_user', group: undefined })).toBe(true);
    expect(await names()).toEqual([]);
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
