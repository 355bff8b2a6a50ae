/** Path below the endpoint that describes the caller to the connect page. */
export const CALLER_PATH = '/connect/caller';
