import type { DeclaredOffer } from '../catalog/offer-source.js';

/** Operations of one document, prepared as tools. */
export interface OpenApiOffers {
  /** @param resultLimit maximum size of a result */
  declare(resultLimit: number): DeclaredOffer[];
  /** Closes the connections to the API. */
  close(): Promise<void>;
}

/** Injection token of the {@link OpenApiOffers} of a module. */
export const OPEN_API_OFFERS = Symbol('OPEN_API_OFFERS');
