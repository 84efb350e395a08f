/** Every group of commands, one line a file. A new file is named here and nowhere else; `slipway --help` lists them by these names. */
export { addAuditCommands } from "./audit.ts";
export { addIncidentCommands } from "./incident.ts";
export { addRegistryCommands } from "./registry.ts";
export { addReleaseCommands } from "./release.ts";
export { addTokenCommands } from "./token.ts";
