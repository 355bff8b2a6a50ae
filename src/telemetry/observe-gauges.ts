import type { Meter } from '@opentelemetry/api';

import type { Gauge, Gauges } from '../observation/gauges.js';
import { combine } from './sum-metrics.js';

/** Measures the gauges of all rooms whenever metrics are collected. Several of one series become one value. */
export function observeGauges(meter: Meter, { all }: Gauges): void {
  for (const name of new Set(all.map((gauge) => gauge.name))) {
    const sources = all.filter((gauge) => gauge.name === name);
    const series = [...new Set(sources.map(seriesOf))].map((key) =>
      sources.filter((gauge) => seriesOf(gauge) === key),
    );
    instrumentOf(meter, sources).addCallback((result) => {
      for (const same of series) {
        const values = same.map(({ read }) => read()).filter((value) => value !== undefined);
        if (values.length === 0) continue;
        const value = values.reduce((before, next) => combine(name, before, next));
        result.observe(value, same[0]?.attributes);
      }
    });
  }
}

const seriesOf = ({ attributes = {} }: Gauge): string => JSON.stringify(attributes);

function instrumentOf(meter: Meter, [gauge]: readonly Gauge[]): ReturnType<Meter['createObservableGauge']> {
  const { name = '', isTotal = false, unit = '1', description = '' } = gauge ?? {};
  const options = { unit, description };
  return isTotal ? meter.createObservableCounter(name, options) : meter.createObservableGauge(name, options);
}
