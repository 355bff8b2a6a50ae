/** The `res_…` id that the development issuer gives to the one resource it protects. */
export const DEV_RESOURCE_ID = 'res_100000000000000001';
