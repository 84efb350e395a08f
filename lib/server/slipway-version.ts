/** The product's version; a test holds it equal to package.json. */
export const SLIPWAY_VERSION = "0.1.0";
