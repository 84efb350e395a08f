/** Named in every decision. Rises when the same counts could give another verdict. */
export const ENGINE_VERSION = "slipway-engine/1";
