import type { LivePlace } from "#lib/contracts/views/registry-parts.ts";
import type { ProfileRun, VersionView } from "#lib/contracts/views/version-view.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import { placesSentence } from "./place-views.ts";

type Known = {
  readonly version: VersionRecord;
  readonly profile: ProfileRun;
  readonly places: readonly LivePlace[];
  readonly open: ReleaseRecord | null;
  /** How it may be served by a server of others; null for what the bundled runtime serves. */
  readonly outside: VersionView["outside"];
  /** Endpoints of the model where it could be released. */
  readonly endpointNames: readonly string[];
};

const PROFILE_SENTENCES: Readonly<Record<ProfileRun["state"], string>> = {
  waiting: "It is sealed and waits for a runtime to load it in a sandbox.",
  running: "It is sealed; a runtime is loading and measuring it in a sandbox.",
  ready: "It loads and answers in the sandbox.",
  failed: "It did not pass the sandbox.",
  quarantined: "It is quarantined: it ended its sandbox process again and again.",
  none: "It is sealed; no sandbox run is known.",
};

/** What is true of the version now, where it is live first. */
export function versionSentence({ version, profile, places, outside }: Known): string {
  const live = placesSentence(version.name, places);
  if (outside !== null) return live ?? `${version.name} is registered and sealed. ${outside.reason}`;
  if (live === null) return `${version.name} answers no requests. ${PROFILE_SENTENCES[profile.state]}`;
  return profile.state === "ready" ? live : `${live} ${PROFILE_SENTENCES[profile.state]}`;
}

type Next = VersionView["next"];

/** The one next step that is obvious from the version's state; `href` null when it is to wait. */
export function nextStep({ version, profile, places, open, outside, endpointNames }: Known): Next {
  if (open !== null) {
    return { text: `Release ${open.number} moves it on ${open.endpointName}.`, href: `/releases/${open.number}`, act: `Open release ${open.number}` };
  }
  if (outside !== null && !outside.allowed) {
    if (outside.target === null) return { text: `${outside.hint} To serve it as it is, put it on a target.`, href: "/targets", act: "Open targets" };
    return { text: outside.hint, href: "#outside", act: "Read what stands in the way" };
  }
  if (outside === null) {
    const waiting = sandboxStep(version, profile);
    if (waiting !== null) return waiting;
  }
  return placeStep(version, places, endpointNames);
}

/** What the sandbox run asks for, while it is not over or did not pass. */
function sandboxStep(version: VersionRecord, profile: ProfileRun): Next | null {
  if (profile.state === "waiting" || profile.state === "none") {
    const text = profile.liveRuntimes === 0 ? "No runtime is heard from. It starts as soon as one connects." : "A runtime takes it within seconds. Nothing to do.";
    return { text, href: null, act: null };
  }
  if (profile.state === "running") return { text: "The figures appear here by themselves. Nothing to do.", href: null, act: null };
  if (profile.state === "failed" || profile.state === "quarantined") {
    return {
      text: `${profile.problem ?? "See the evidence below."} A changed file is another version.`,
      href: `/models/new?model=${encodeURIComponent(version.modelName)}`,
      act: "Register another version",
    };
  }
  return null;
}

function placeStep(version: VersionRecord, places: readonly LivePlace[], endpointNames: readonly string[]): Next {
  const path = `/models/${version.modelName}`;
  if (places.some(({ role }) => role === "stable")) return { text: "None: it is live.", href: null, act: null };
  const query = `version=${encodeURIComponent(version.name)}`;
  const [endpoint] = endpointNames;
  if (endpoint === undefined) {
    return {
      text: `${version.modelName} is on no endpoint yet. Make one with this version as its first.`,
      href: `/endpoints/new?model=${encodeURIComponent(version.modelName)}&${query}`,
      act: "Make an endpoint",
    };
  }
  return {
    text: `Release it on ${endpointNames.length === 1 ? endpoint : "one of its endpoints"}, by a plan that can go back at any moment.`,
    href: endpointNames.length === 1 ? `/releases/new?endpoint=${encodeURIComponent(endpoint)}&${query}` : `${path}#endpoints`,
    act: "Release it",
  };
}
