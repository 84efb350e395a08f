/** Changes whenever a rule of any inspector changes, so that what was read by older rules is read again. `rules/<year>.<month>.<number>`. */
export const SCANNER_VERSION = "rules/2026.11.1";
