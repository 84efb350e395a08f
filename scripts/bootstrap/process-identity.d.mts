export type ProcessIdentity = { pid: number; mark: string };
/** The start mark of a living process, equal for the same process at any two calls; null when there is none. */
export function startMark(pid: number): string | null;
/** Identity of this process. */
export function ownIdentity(): ProcessIdentity;
/** True when that very process still runs. */
export function isAlive(identity: ProcessIdentity | null): boolean;
/** Number of the parent of a living process; null when unknown. */
export function parentOf(pid: number): number | null;
/** Command line of a process, words joined by spaces; empty when unknown. */
export function commandLine(pid: number): string;
