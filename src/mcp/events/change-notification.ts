import type { ChangedList } from '../catalog/offers.js';
import type { ChangeEvent } from './change-event.js';

type ChangeNotification =
  | { readonly method: `notifications/${ChangedList}/list_changed`; readonly params?: undefined }
  | { readonly method: 'notifications/resources/updated'; readonly params: { readonly uri: string } };

/** Returns the notification of a change. */
export const notificationOf = (event: ChangeEvent): ChangeNotification =>
  event.kind === 'resource_updated'
    ? { method: 'notifications/resources/updated', params: { uri: event.uri } }
    : { method: `notifications/${event.list}/list_changed` };
