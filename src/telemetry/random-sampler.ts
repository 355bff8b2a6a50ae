import { type Context, createContextKey, trace, TraceFlags } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';

const DECIDED = createContextKey('aerie.sampled');

/** Makes spans in this context follow the decision for another span of the same request. */
export const followDecision = (context: Context, traceFlags: TraceFlags): Context =>
  context.setValue(DECIDED, (traceFlags & TraceFlags.SAMPLED) !== 0);

/**
 * Samples a share of the requests at random, and all spans of a sampled request. Ignores the flag and the id of a trace
 * that a caller continues. Otherwise, callers could have all their requests recorded.
 */
export class RandomSampler implements Sampler {
  /** @param ratio share of the requests, 0 to 1 */
  constructor(private readonly ratio: number) {}

  shouldSample(context: Context): SamplingResult {
    const decided = context.getValue(DECIDED);
    const parent = trace.getSpanContext(context);
    let isSampled: boolean;
    if (typeof decided === 'boolean') isSampled = decided;
    else if (parent && parent.isRemote !== true) isSampled = (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
    else isSampled = Math.random() < this.ratio;
    return { decision: isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  }

  toString(): string {
    return `RandomSampler(${this.ratio})`;
  }
}
