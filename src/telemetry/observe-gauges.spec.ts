import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

import { Gauges } from '../observation/gauges.js';
import { observeGauges } from './observe-gauges.js';

class Reader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
  protected override onShutdown = (): Promise<void> => Promise.resolve();
}

describe('observeGauges', () => {
  const gauges = new Gauges();
  const add = (name: string, value: number | undefined, issuer?: string, isTotal = false): void =>
    gauges.add({
      name,
      unit: 's',
      description: '',
      read: () => value,
      isTotal,
      ...(issuer !== undefined && { attributes: { issuer } }),
    });
  const read = async (): Promise<unknown[]> => {
    const reader = new Reader();
    observeGauges(new MeterProvider({ readers: [reader] }).getMeter('test'), gauges);
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ descriptor, dataPoints, ...metric }) =>
        dataPoints.map(({ value, attributes }) => [
          descriptor.name,
          attributes['issuer'],
          value,
          'isMonotonic' in metric && metric.isMonotonic,
        ]),
      ),
    );
  };

  it('adds values of one series, and takes the largest age', async () => {
    add('sessions', 1);
    add('sessions', 2);
    add('sessions', undefined);
    add('keys.age', 5, 'https://a.example');
    add('keys.age', 7, 'https://a.example');
    add('keys.age', 3, 'https://b.example');
    add('revocations.age', undefined);
    add('lost', 4, undefined, true);
    expect(await read()).toEqual([
      ['sessions', undefined, 3, false],
      ['keys.age', 'https://a.example', 7, false],
      ['keys.age', 'https://b.example', 3, false],
      ['lost', undefined, 4, true],
    ]);
  });
});
