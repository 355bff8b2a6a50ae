/** Headers that a tool must not set: they belong to the connection or the caller. */
export const RESERVED_HEADER =
  /^(accept-encoding|authorization|proxy-.*|cookie|host|connection|keep-alive|content-.*|transfer-encoding|upgrade|te|trailer|expect|forwarded|x-forwarded-.*|x-http-method.*|x-method-override|x-request-id|user-agent)$/;
