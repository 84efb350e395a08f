import type { EvidenceKind } from "#lib/contracts/environment-policy.ts";

/** What the assurance page shows: what each environment still asks of each model. Rendered by the server, derived each time. */

export type AssurancePlace = {
  readonly environmentName: string;
  /** How many kinds of evidence the environment asks for; open ones are among them. */
  readonly asked: number;
  readonly met: number;
  readonly waived: number;
  readonly open: readonly {
    readonly kind: EvidenceKind;
    readonly title: string;
    readonly state: "open" | "failed" | "stale";
    readonly note: string;
  }[];
};

export type AssuranceVersion = {
  readonly versionName: string;
  readonly quarantined: boolean;
  /** Environments in which it answers requests now. */
  readonly liveIn: readonly string[];
  readonly isNewest: boolean;
  readonly places: readonly AssurancePlace[];
};

export type AssuranceView = {
  readonly asOf: string;
  readonly models: readonly {
    readonly name: string;
    readonly riskTier: string;
    readonly intendedUse: string;
    readonly demo: boolean;
    /** The newest version and every version that is live. */
    readonly versions: readonly AssuranceVersion[];
  }[];
};
