/** The id under which the embedded issuer knows this server, as Scalekit's dashboard would assign one. */
export const DEV_RESOURCE_ID = 'res_100000000000000001';
