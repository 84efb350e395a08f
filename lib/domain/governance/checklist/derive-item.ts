import { getKind } from "../evidence/kinds.ts";
import { standing, type Fact, type Standing, type Subject } from "../evidence/standing.ts";
import type { ChecklistItem } from "./items.ts";

/** A waiver in force: of a whole item by its code, or of one kind of evidence. */
export type WaiverInForce = {
  readonly requirement: string;
  readonly reason: string;
  readonly signedName: string;
  readonly untilMs: number;
};

export type ItemState = "met" | "open" | "failed" | "stale" | "waived" | "not_applicable";

export type DerivedItem = {
  readonly item: ChecklistItem;
  readonly state: ItemState;
  readonly note: string;
  readonly standings: readonly Standing[];
  readonly waivers: readonly WaiverInForce[];
};

export type Ground = {
  readonly facts: readonly Fact[];
  readonly subjects: readonly Subject[];
  readonly waivers: readonly WaiverInForce[];
  /** Duties of law that bind this model and are open, in words; null when it was not classified. */
  readonly lawOpen: readonly string[] | null;
  readonly nowMs: number;
};

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const waivedNote = ({ untilMs, signedName, reason }: WaiverInForce): string => `Waived until ${day(untilMs)} by ${signedName}: ${reason}`;

function lawNote(lawOpen: readonly string[]): string {
  const [first] = lawOpen;
  return lawOpen.length === 1 ? `A duty of law is open: ${first ?? ""}.` : `${lawOpen.length} duties of law are open, first ${first ?? ""}.`;
}

const isThere = (item: ChecklistItem, subjects: readonly Subject[]): boolean =>
  item.evidence.every((id) => subjects.some(({ type }) => type === getKind(id).subject));

/**
 * One item from the facts. Failed beats everything: a waiver excuses what is missing or old, never a check that said no.
 * An item about something that does not exist yet (a release, an endpoint) does not apply yet and says so.
 */
export function deriveItem(item: ChecklistItem, ground: Ground): DerivedItem {
  const standings = item.evidence.map((id) => standing(getKind(id), ground.facts, ground.subjects, ground.nowMs));
  const of = (requirement: string) => ground.waivers.find((waiver) => waiver.requirement === requirement);
  const whole = of(item.code);
  const excused = standings.flatMap(({ kind, state }) => {
    const waiver = state === "met" ? undefined : (of(kind) ?? whole);
    return waiver === undefined ? [] : [waiver];
  });
  const at = (state: ItemState, note: string, waivers: readonly WaiverInForce[] = []): DerivedItem => ({ item, state, note, standings, waivers });

  if (!isThere(item, ground.subjects)) return at("not_applicable", "There is nothing yet that it could be about.");
  const failed = standings.find(({ state }) => state === "failed");
  if (failed !== undefined) return at("failed", failed.note);
  const open = standings.find(({ kind, state }) => state !== "met" && of(kind) === undefined && whole === undefined);
  if (open !== undefined) return at(open.state === "stale" ? "stale" : "open", open.note);
  if (item.asksLaw === true && ground.lawOpen !== null && ground.lawOpen.length > 0) {
    return whole === undefined ? at("open", lawNote(ground.lawOpen)) : at("waived", waivedNote(whole), [whole]);
  }
  const [waiver] = excused;
  if (waiver !== undefined) return at("waived", waivedNote(waiver), [...new Set(excused)]);
  return at("met", standings[0]?.note ?? "");
}
