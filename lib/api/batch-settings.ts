import type { App } from "#lib/server/composition.ts";

/** Where this installation lets batch jobs fetch rows from, for the form. */
export const batchSettings = ({ settings }: App): { hasDirectory: boolean; buckets: string[] } => ({
  hasDirectory: settings.batchPlaces.directory !== null,
  buckets: settings.batchPlaces.s3?.buckets ?? [],
});
