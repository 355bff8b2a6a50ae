import type { ChangedList } from '../catalog/offers.js';
import type { Audience } from '../context/audience.js';

/** Change that listeners are notified of. */
export type ChangeEvent =
  | { readonly kind: 'list_changed'; readonly list: ChangedList; readonly audience: Audience }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience };

/** Stands for an update of each resource that the audience follows, because too many were updated to name them. */
export interface AllUpdated {
  readonly kind: 'all_resources_updated';
  readonly audience: Audience;
}
