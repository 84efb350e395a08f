/** Where things lie in the tree of files that MLflow clients see. */

export const runRoot = (run: { readonly id: string; readonly experimentId: number }): string => `${run.experimentId}/${run.id}/artifacts`;
export const loggedModelRoot = (model: { readonly id: string; readonly experimentId: number }): string => `${model.experimentId}/models/${model.id}/artifacts`;

/** Files of registered versions, read only. */
export const VERSIONS_ROOT = "versions";
export const versionRoot = (versionId: string): string => `${VERSIONS_ROOT}/${versionId}`;
