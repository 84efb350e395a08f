import { ReasonAct } from "./reason-act.tsx";

/** Where a quarantine is shown: a person has the version tried again, and says why it may hold now. */
export function LiftQuarantine({ modelName, versionName }: { readonly modelName: string; readonly versionName: string }) {
  return (
    <ReasonAct
      label="Try it again"
      about={`${modelName} ${versionName}`}
      title={`Lift the quarantine of ${modelName} ${versionName}`}
      path={`/api/v1/models/${encodeURIComponent(modelName)}/versions/${encodeURIComponent(versionName)}/lift-quarantine`}
      topics={["model", "endpoint"]}
      small
    >
      One that broke its sandbox is run there again, and every runtime that gave it up starts it anew in a process of its own. If its process ends three times more it is quarantined again. Your
      reason goes to the trail.
    </ReasonAct>
  );
}
