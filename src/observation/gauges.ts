import { Injectable } from '@nestjs/common';

/** Value that can be read at any time. */
export interface Gauge {
  /** Name by the rules of OpenTelemetry, such as `aerie.calls.in_flight`. */
  readonly name: string;
  /** Unit of UCUM, such as `{call}`, `By` or `s`. */
  readonly unit: string;
  readonly description: string;
  /** Returns the value; undefined if there is none at the moment. */
  readonly read: () => number | undefined;
  /** Labels, of few and known values. Gauges with the same name and labels are one series. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Whether the value is a total that only grows, such as a number of lost lines. */
  readonly isTotal?: boolean;
}

/** Collects the gauges of all rooms. Nothing is read until metrics are collected. */
@Injectable()
export class Gauges {
  readonly #gauges: Gauge[] = [];

  add(gauge: Gauge): void {
    this.#gauges.push(gauge);
  }

  get all(): readonly Gauge[] {
    return this.#gauges;
  }
}
