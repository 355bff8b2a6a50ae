import { Inject, Injectable } from '@nestjs/common';
import type { Module } from '@nestjs/core/injector/module.js';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { isRecord } from '../../values/is-record.js';
import type { DeclaredOffer, OfferSource } from '../catalog/offer-source.js';
import { OPEN_API_OFFERS, type OpenApiOffers } from './open-api-offers.js';

/** Finds the tools of modules that `fromOpenApi()` creates. */
@Injectable()
export class OpenApiTools implements OfferSource {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  declaredIn(modules: readonly Module[]): DeclaredOffer[] {
    return modules
      .map((module): unknown => module.providers.get(OPEN_API_OFFERS)?.instance)
      .filter(isOffers)
      .flatMap((offers) => offers.declare(this.configuration.tools.resultLimit));
  }
}

const isOffers = (instance: unknown): instance is OpenApiOffers =>
  isRecord(instance) && 'declare' in instance;
