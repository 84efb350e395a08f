import type { Actor } from "../ports.ts";
import type { RegistryParts } from "../registry/receive-version.ts";
import * as tree from "./artifact-tree.ts";
import { moveAlias } from "./move-alias.ts";
import { createModelVersion } from "./register-from-source.ts";
import * as runs from "./track-runs.ts";

/** What an MLflow client asks beyond single commands and queries, with its parts put together. */
export function createMlflowDesk(open: () => Promise<RegistryParts>) {
  const withParts = <A extends unknown[], R>(act: (parts: RegistryParts, ...rest: A) => Promise<R>) => async (...rest: A): Promise<R> => act(await open(), ...rest);
  const withStore = <A extends unknown[], R>(act: (store: RegistryParts["store"], ...rest: A) => Promise<R>) => async (...rest: A): Promise<R> => act((await open()).store, ...rest);
  return {
    createModelVersion: withParts((parts, actor: Actor, input: unknown) => createModelVersion(parts, actor, input)),
    moveAlias: withStore(moveAlias),
    listFiles: withParts(tree.listFiles),
    openFile: withParts(tree.openFile),
    putFile: withParts(tree.putFile),
    deleteFiles: withParts(tree.deleteFiles),
    createExperiment: withStore(runs.createExperiment),
    readExperiment: withStore(runs.readExperiment),
    listExperiments: withStore(runs.listExperiments),
    createRun: withStore(runs.createRun),
    readRun: withStore(runs.readRun),
    listRuns: withStore(runs.listRuns),
    changeRun: withStore(runs.changeRun),
    createLoggedModel: withStore(runs.createLoggedModel),
    listLoggedModels: withStore(runs.listLoggedModels),
    readLoggedModel: withStore(runs.readLoggedModel),
    changeLoggedModel: withStore(runs.changeLoggedModel),
  };
}

export type MlflowDesk = ReturnType<typeof createMlflowDesk>;
