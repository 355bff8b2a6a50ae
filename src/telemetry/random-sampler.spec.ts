import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';

import { followDecision, RandomSampler } from './random-sampler.js';

const parent = (traceFlags: TraceFlags, isRemote: boolean) =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0'.repeat(31) + '1',
    spanId: '1'.repeat(16),
    traceFlags,
    isRemote,
  });

describe('RandomSampler', () => {
  const share = (ratio: number, context = ROOT_CONTEXT): number => {
    const sampler = new RandomSampler(ratio);
    const decisions = Array.from({ length: 1_000 }, () => sampler.shouldSample(context).decision);
    return decisions.filter((decision) => decision === SamplingDecision.RECORD_AND_SAMPLED).length / 1_000;
  };

  it('ignores the flag of a caller', () => {
    expect(share(0, parent(TraceFlags.SAMPLED, true))).toBe(0);
    expect(share(1, parent(TraceFlags.NONE, true))).toBe(1);
  });

  it('decides anew for each request of one trace', () => {
    const sampled = share(0.5, parent(TraceFlags.SAMPLED, true));
    expect(sampled).toBeGreaterThan(0.3);
    expect(sampled).toBeLessThan(0.7);
  });

  it('follows a span of this process, and the decision for a request', () => {
    expect([share(0, parent(TraceFlags.SAMPLED, false)), share(1, parent(TraceFlags.NONE, false))]).toEqual([
      1, 0,
    ]);
    const remote = parent(TraceFlags.NONE, true);
    expect(share(0, followDecision(remote, TraceFlags.SAMPLED))).toBe(1);
    expect(share(1, followDecision(remote, TraceFlags.NONE))).toBe(0);
  });
});
