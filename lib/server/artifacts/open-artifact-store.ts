import type { ControlPlaneSettings } from "../env.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { openLocalArtifactStore } from "./local-artifact-store.ts";
import { openLocalCopies } from "./local-copies.ts";
import { openS3ArtifactStore } from "./s3-artifact-store.ts";

/** The store that the settings name: a directory of this host, or a bucket with copies in that directory. */
export async function openArtifactStore({ artifactDirectory, artifactS3 }: Pick<ControlPlaneSettings, "artifactDirectory" | "artifactS3">): Promise<ArtifactStore> {
  if (artifactS3 === null) return openLocalArtifactStore({ directory: artifactDirectory });
  return openS3ArtifactStore(artifactS3.place, await openLocalCopies(artifactDirectory, artifactS3.copiesBytes));
}
