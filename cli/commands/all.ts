/** Every group of commands, one line a file. A new file is named here and nowhere else; `slipway --help` lists them by these names. */
export { addApplyCommands } from "./apply.ts";
export { addBatchCommands } from "./batch.ts";
export { addAuditCommands } from "./audit.ts";
export { addBackupCommands } from "./backup.ts";
export { addCardCommands } from "./card.ts";
export { addCompletionCommands } from "./completion.ts";
export { addDoctorCommands } from "./doctor.ts";
export { addIncidentCommands } from "./incident.ts";
export { addInspectCommands } from "./inspect.ts";
export { addLoadtestCommands } from "./loadtest.ts";
export { addPredictCommands } from "./predict.ts";
export { addRegistryCommands } from "./registry.ts";
export { addReleaseCommands } from "./release.ts";
export { addReleasePlanCommands } from "./release-plan.ts";
export { addSessionCommands } from "./session.ts";
export { addTargetCommands } from "./target.ts";
export { addTokenCommands } from "./token.ts";
export { addGovernanceCommands, addReleaseManifestCommands } from "./governance.ts";
