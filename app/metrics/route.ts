/** The address that scrapers look for; the same answer, for the same token. */
export { GET } from "../api/v1/metrics/route.ts";
