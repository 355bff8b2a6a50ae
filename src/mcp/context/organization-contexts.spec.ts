import { OrganizationContexts } from './organization-contexts.js';

describe('OrganizationContexts', () => {
  let failures: unknown[];
  let released: string[];
  let contexts: OrganizationContexts;
  beforeEach(() => {
    failures = [];
    released = [];
    contexts = new OrganizationContexts(2, (error, organization) => failures.push([error, organization]));
  });

  const use = (organization: string): ReturnType<OrganizationContexts['enter']> => {
    const lease = contexts.enter(organization);
    lease.tenant.onRelease(() => released.push(organization));
    return lease;
  };

  it('keeps one context for each organization, while it is in use and afterwards', () => {
    const first = contexts.enter('a');
    const second = contexts.enter('a');
    const other = contexts.enter('b');
    expect(second.contextId).toBe(first.contextId);
    expect(second.tenant).toBe(first.tenant);
    expect(first.tenant.organizationId).toBe('a');
    expect(other.contextId).not.toBe(first.contextId);
    first.leave();
    second.leave();
    expect(contexts.enter('a').contextId).toBe(first.contextId);
  });

  it('evicts the least recently used context', () => {
    for (const organization of ['a', 'b', 'a', 'c']) use(organization).leave();
    expect(released).toEqual(['b']);
  });

  it('measures idleness from the end of the last use', () => {
    const long = use('a');
    use('b').leave();
    long.leave();
    use('c').leave();
    expect(released).toEqual(['b']);
  });

  it('exceeds the limit rather than evict contexts in use, and shrinks when they become idle', () => {
    const leases = ['a', 'b', 'c', 'd'].map(use);
    const again = contexts.enter('a');
    expect(contexts.inUse).toBe(4);
    leases[0]?.leave();
    leases[0]?.leave();
    expect(released).toEqual([]);
    leases[1]?.leave();
    leases[2]?.leave();
    expect(released).toEqual(['b', 'c']);
    again.leave();
    leases[3]?.leave();
    expect(released).toEqual(['b', 'c']);
    expect(contexts.inUse).toBe(0);
  });

  it('creates a new context for an evicted organization that returns', () => {
    const first = use('a');
    first.leave();
    use('b').leave();
    use('c').leave();
    const second = use('a');
    expect(second.contextId).not.toBe(first.contextId);
    first.leave();
    expect(contexts.inUse).toBe(1);
  });

  it('runs release functions in sequence, the last registered first, despite failures', async () => {
    const { tenant, leave } = contexts.enter('a');
    const failure = new Error('disk full');
    tenant.onRelease(() => released.push('first'));
    tenant.onRelease(() => {
      throw failure;
    });
    tenant.onRelease(async () => {
      await Promise.resolve();
      released.push('last');
    });
    leave();
    await contexts.close(1_000);
    expect(released).toEqual(['last', 'first']);
    expect(failures).toEqual([[failure, 'a']]);
  });

  it('runs a release function at once if it is registered after the eviction', async () => {
    const { tenant, leave } = contexts.enter('a');
    leave();
    await contexts.close(1_000);
    tenant.onRelease(() => released.push('late'));
    expect(released).toEqual(['late']);
  });

  it('closes when the last context becomes idle, and keeps nothing afterwards', async () => {
    use('idle').leave();
    const busy = use('busy');
    const closing = contexts.close(60_000);
    expect(released).toEqual(['idle']);
    const late = use('late');
    busy.leave();
    expect(released).toEqual(['idle', 'busy']);
    late.leave();
    await closing;
    expect(released).toEqual(['idle', 'busy', 'late']);
    expect(contexts.inUse).toBe(0);
  });

  it('stops waiting for a context that stays in use', async () => {
    const stuck = use('stuck');
    await contexts.close(10);
    expect(released).toEqual(['stuck']);
    stuck.leave();
    expect(contexts.inUse).toBe(0);
    await Promise.resolve();
    expect(released).toEqual(['stuck']);
  });
});
