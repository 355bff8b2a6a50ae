/** Resource id of this server at the embedded issuer, in the format of Scalekit's dashboard. */
export const DEV_RESOURCE_ID = 'res_100000000000000001';
