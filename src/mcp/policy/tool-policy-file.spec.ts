import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { ToolPolicy } from './tool-policy.js';
import { ToolPolicyFile } from './tool-policy-file.js';

describe('ToolPolicyFile', () => {
  let directory: string;
  let path: string;
  let file: ToolPolicyFile;
  let tools: Set<string>;
  let policies: ToolPolicy[];
  let refusals: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'aerie-policy-'));
    path = join(directory, 'tool-policy.json');
    tools = new Set(['list', 'delete']);
    file = new ToolPolicyFile(path, () => ({ tools, groups: new Set() }));
    policies = [];
    refusals = [];
  });
  afterEach(() => {
    file.close();
    rmSync(directory, { recursive: true });
  });

  const deny = (...names: string[]): string => JSON.stringify({ org_acme: { deny: names } });
  const replace = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const follow = async (): Promise<void> => {
    writeFileSync(path, deny('delete'));
    policies.push(await file.read());
    file.follow({
      onChange: (policy) => policies.push(policy),
      onRefusal: ({ message }) => refusals.push(message),
    });
    await pause(400);
  };
  const told = async (count: number): Promise<void> => {
    for (let tries = 0; policies.length + refusals.length < count; tries++) {
      if (tries > 500) throw new Error(`Told ${policies.length + refusals.length} times, not ${count}.`);
      await pause(10);
    }
  };
  const mayDelete = (): (boolean | undefined)[] =>
    policies.map((policy) => policy.allows('org_acme', { name: 'delete', group: undefined }));

  it('reads a policy', async () => {
    await follow();
    expect(mayDelete()).toEqual([false]);
    expect(refusals).toEqual([]);
  });

  it('reports every problem', async () => {
    await expect(file.read()).rejects.toMatchObject({ problems: ['it cannot be read (ENOENT)'] });
    writeFileSync(path, '{"org_acme":{"deny":["delete","delet"],"alow":[]}}');
    await expect(file.read()).rejects.toMatchObject({
      problems: [expect.stringMatching(/^org_acme: .*"alow"/)],
    });
    writeFileSync(path, deny('delete', 'delet'));
    await expect(file.read()).rejects.toMatchObject({
      problems: [expect.stringMatching(/^org_acme\.deny\[1\]: unknown tool "delet"/)],
    });
    writeFileSync(path, '{"org_acme":{"denyGroups":["billin"]}}');
    await expect(file.read()).rejects.toMatchObject({
      problems: [expect.stringMatching(/^org_acme\.denyGroups\[0\]: unknown group "billin"/)],
    });
  });

  it('follows changes, written in place or renamed into place', async () => {
    await follow();
    writeFileSync(path, deny('list'));
    // A partly written file is refused, and read again when it is complete.
    for (let tries = 0; policies.length < 2; tries++) {
      if (tries > 500) throw new Error('The change was not seen.');
      await pause(10);
    }
    const before = policies.length + refusals.length;
    replace(deny('delete'));
    await told(before + 1);
    expect(mayDelete()).toEqual([false, true, false]);
  });

  it('refuses an invalid file, reports the reason once, and loads the next valid one', async () => {
    await follow();
    replace('{"org_acme":');
    await told(2);
    replace(deny('delet'));
    await told(3);
    unlinkSync(path);
    await told(4);
    await pause(600);
    expect(mayDelete()).toEqual([false]);
    expect(refusals).toEqual([
      expect.stringMatching(/^it is not JSON/),
      expect.stringMatching(/^org_acme\.deny\[0\]: unknown tool "delet"/),
      'it cannot be read (ENOENT)',
    ]);
    replace(deny('list'));
    await told(5);
    expect(mayDelete()).toEqual([false, true]);
  });

  it('loads a refused file once its names are known', async () => {
    await follow();
    replace(deny('delete', 'refund'));
    await told(2);
    file.retry();
    expect(policies).toHaveLength(1);
    tools.add('refund');
    file.retry();
    file.retry();
    expect(policies).toHaveLength(2);
    expect(policies[1]?.allows('org_acme', { name: 'refund', group: undefined })).toBe(false);
  });
});
