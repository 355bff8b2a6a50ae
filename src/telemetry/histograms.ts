import { type Attributes, ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type HistogramMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

type Point = HistogramMetricData['dataPoints'][number];

/** Attributes of the series that counts for all series beyond the maximum, by the specification of OpenTelemetry. */
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

/** Description of a histogram of durations. */
export interface HistogramOptions {
  readonly description: string;
  /** Upper boundaries of the buckets, in seconds. */
  readonly boundaries: readonly number[];
}

/**
 * Histograms of durations. A request looks up its series, and recording then takes two additions. OpenTelemetry's own
 * histograms sort and serialize the attributes for each value, which costs some percent of a call.
 */
export class Histograms {
  readonly #all: Histogram[] = [];

  /**
   * @param scope name of the instrumentation scope
   * @param maxSeries maximum number of series of one histogram
   */
  constructor(
    private readonly scope: string,
    private readonly maxSeries: number,
  ) {}

  create(name: string, options: HistogramOptions): Histogram {
    const histogram = new Histogram(name, options, this.maxSeries);
    this.#all.push(histogram);
    return histogram;
  }

  /** Returns a producer for one reader of metrics. */
  producer(temporality = AggregationTemporality.CUMULATIVE): MetricProducer {
    const reported = temporality === AggregationTemporality.DELTA ? new Map<Series, Reported>() : undefined;
    return {
      collect: async (): Promise<CollectionResult> => {
        const metrics = this.#all.map((histogram) => histogram.collect(reported)).filter(hasPoints);
        const scopeMetrics = [{ scope: { name: this.scope }, metrics }];
        return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
      },
    };
  }
}

const hasPoints = ({ dataPoints }: HistogramMetricData): boolean => dataPoints.length > 0;

/** Values of a series that a reader has received. Its next point has only those after them. */
interface Reported {
  readonly time: Point['endTime'];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Histogram of durations. */
export class Histogram {
  readonly #series = new Map<string, Series>();
  #overflow: Series | undefined;

  constructor(
    private readonly name: string,
    private readonly options: HistogramOptions,
    private readonly maxSeries: number,
  ) {}

  /** Returns the series with these attributes. Keep it, rather than look it up for each value. */
  series(attributes: Attributes): Series {
    const key = JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#series.get(key);
    if (known) return known;
    if (this.#series.size >= this.maxSeries) {
      return (this.#overflow ??= new Series(OVERFLOW, this.options.boundaries));
    }
    const series = new Series(attributes, this.options.boundaries);
    this.#series.set(key, series);
    return series;
  }

  /** @param reported what the reader has received, which is updated; undefined for totals since the start */
  collect(reported: Map<Series, Reported> | undefined): HistogramMetricData {
    const all = [...this.#series.values(), ...(this.#overflow ? [this.#overflow] : [])];
    return {
      descriptor: {
        name: this.name,
        description: this.options.description,
        unit: 's',
        valueType: ValueType.DOUBLE,
      },
      dataPointType: DataPointType.HISTOGRAM,
      aggregationTemporality: reported ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
      dataPoints: all.map((series) => pointOf(series, reported)).filter(({ value }) => value.count > 0),
    };
  }
}

/** Durations with the same attributes. */
export class Series {
  readonly counts: number[];
  sum = 0;
  readonly begun = hrTime();

  constructor(
    readonly attributes: Attributes,
    readonly boundaries: readonly number[],
  ) {
    this.counts = Array<number>(boundaries.length + 1).fill(0);
  }

  record(milliseconds: number): void {
    const seconds = milliseconds / 1_000;
    const { boundaries, counts } = this;
    let bucket = 0;
    while (bucket < boundaries.length && seconds > (boundaries[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}

function pointOf(series: Series, reported: Map<Series, Reported> | undefined): Point {
  const { attributes, boundaries, sum } = series;
  const before = reported?.get(series);
  const time = hrTime();
  reported?.set(series, { time, counts: [...series.counts], sum });
  const counts = series.counts.map((count, bucket) => count - (before?.counts[bucket] ?? 0));
  return {
    startTime: before?.time ?? series.begun,
    endTime: time,
    attributes,
    value: {
      buckets: { boundaries: [...boundaries], counts },
      sum: sum - (before?.sum ?? 0),
      count: counts.reduce((all, count) => all + count, 0),
    },
  };
}
