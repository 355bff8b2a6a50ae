import type { ChangedList } from '../catalog/offers.js';
import type { Audience } from '../context/audience.js';

/** Change that listeners are notified of. */
export type ChangeEvent =
  | { readonly kind: 'list_changed'; readonly list: ChangedList; readonly audience: Audience }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience };
