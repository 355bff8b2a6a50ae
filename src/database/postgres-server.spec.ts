import { freePort } from '../../test/support/ports.js';
import { followSteps, type Step } from '../logging/steps.js';
import { PostgresServer } from './postgres-server.js';
import { TenantKey } from './tenant-key.js';
import { DatabaseUnavailableError } from './unavailable.js';

describe('PostgresServer', () => {
  it('tells of the wait for a connection as a step of the call', async () => {
    const url = `postgres://aerie@127.0.0.1:${await freePort()}/aerie`;
    const server = new PostgresServer(url, 1, TenantKey.random());
    const steps: Step[] = [];
    const unfollow = followSteps((step) => void steps.push(step));
    const call = { signal: new AbortController().signal, deadline: performance.now() + 5_000 };
    await expect(server.transaction('org_1', call, async () => 1)).rejects.toThrow(DatabaseUnavailableError);
    unfollow();
    await server.close();
    expect(steps).toMatchObject([{ name: 'connect', system: 'postgresql', isFailed: true }]);
  });
});
