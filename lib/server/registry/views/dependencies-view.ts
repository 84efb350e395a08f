import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { isLocked, LOCK_NAMES, type LockedPackage, openEntries } from "#lib/domain/dependencies/lock.ts";
import { licencesOf, lockFindings } from "#lib/domain/dependencies/lock-findings.ts";
import type { LockRecord } from "../../db/dependency-repository.ts";

const MOST_SHOWN = 200;

const openFirst = (a: LockedPackage, b: LockedPackage): number => Number(isLocked(a)) - Number(isLocked(b)) || a.name.localeCompare(b.name);

/** What a version needs to answer, as its files of dependencies say; those that leave something open first. */
export function dependenciesView(locks: readonly LockRecord[]): VersionView["dependencies"] {
  const packages = locks.flatMap((lock) => lock.packages);
  return {
    files: locks.map((lock) => ({
      fileName: lock.fileName,
      kind: LOCK_NAMES[lock.kind],
      digest: lock.digest,
      packages: lock.packages.length,
      openEntries: openEntries(lock),
    })),
    findings: locks.flatMap((lock) => lockFindings(lock).map((found) => ({ ...found, fileName: lock.fileName }))),
    licences: licencesOf(packages).slice(0, MOST_SHOWN),
    packageTotal: packages.length,
    packages: [...packages].sort(openFirst).slice(0, MOST_SHOWN).map((one) => ({
      ecosystem: one.ecosystem,
      name: one.name,
      version: one.version,
      asked: one.asked,
      locked: isLocked(one),
      licence: one.licence,
    })),
  };
}
