import { type RootOperationNode, SelectQueryNode } from 'kysely';

import { followSteps, type Step } from '../logging/steps.js';
import { queryEnded } from './query-steps.js';

describe('the step of a query', () => {
  const node: RootOperationNode = SelectQueryNode.create();

  it.each([
    ['no code if it succeeds', undefined, { isFailed: false, code: undefined }],
    [
      'the SQLSTATE of the server',
      Object.assign(new Error('duplicate'), { severity: 'ERROR', code: '23505' }),
      { isFailed: true, code: '23505' },
    ],
    [
      'no code of another error',
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      { isFailed: true, code: undefined },
    ],
  ])('has %s', (_what, failure, expected) => {
    const steps: Step[] = [];
    const unfollow = followSteps((step) => void steps.push(step));
    queryEnded(node, 1, failure);
    unfollow();
    expect(steps).toEqual([{ name: 'SELECT', durationMs: 1, system: 'postgresql', ...expected }]);
  });
});
