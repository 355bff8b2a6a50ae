import { Inject, Injectable } from '@nestjs/common';
import type { Module } from '@nestjs/core/injector/module.js';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { isRecord } from '../../values/is-record.js';
import { endpointsOf } from '../catalog/offered-at.js';
import type { OfferSource, PlacedOffer } from '../catalog/offer-source.js';
import { OPEN_API_OFFERS, type OpenApiOffers } from './open-api-offers.js';

/** Finds the tools of modules that `fromOpenApi()` creates. */
@Injectable()
export class OpenApiTools implements OfferSource {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  declaredIn(modules: readonly Module[]): PlacedOffer[] {
    return modules.flatMap((module) => {
      const offers: unknown = module.providers.get(OPEN_API_OFFERS)?.instance;
      const declared = isOffers(offers) ? offers.declare(this.configuration.tools.resultLimit) : [];
      return declared.map((offer) => ({ ...offer, endpoints: endpointsOf(module) }));
    });
  }
}

const isOffers = (instance: unknown): instance is OpenApiOffers =>
  isRecord(instance) && 'declare' in instance;
