import { costWarnings } from './cost-warnings.js';

const rate = (points: number) => ({ points, window: 60 });
const OFF = { caller: undefined, organization: undefined, tool: undefined };

describe('the warning of a cost', () => {
  it.each([
    ['RATE_LIMIT_CALLER', 'caller'],
    ['RATE_LIMIT_ORGANIZATION', 'organization'],
    ['RATE_LIMIT_TOOL', 'tool'],
  ])('that is above %s names the variable', (name, limit) => {
    const tool = { kind: 'tool', cost: 5, rate: undefined } as const;
    expect(costWarnings(tool, { ...OFF, [limit]: rate(4) })).toEqual([
      expect.stringContaining(`than ${name} allows`),
    ]);
    expect(costWarnings(tool, { ...OFF, [limit]: rate(5) })).toEqual([]);
  });

  it('is absent if the tool has a rate of its own', () => {
    expect(costWarnings({ kind: 'tool', cost: 5, rate: rate(10) }, { ...OFF, tool: rate(4) })).toEqual([]);
  });

  it('is absent for a resource above RATE_LIMIT_TOOL, which limits tools only', () => {
    const resource = { kind: 'resource', cost: 5, rate: undefined } as const;
    expect(costWarnings(resource, { ...OFF, tool: rate(4) })).toEqual([]);
    expect(costWarnings(resource, { ...OFF, caller: rate(4) })).toHaveLength(1);
  });

  it('is absent without limits', () => {
    expect(costWarnings({ kind: 'tool', cost: 5, rate: undefined }, OFF)).toEqual([]);
  });
});
