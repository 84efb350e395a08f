import { equalBytes } from "#lib/domain/audit/bytes.ts";
import { CHAIN_START } from "#lib/domain/audit/chain.ts";
import { leafHash } from "#lib/domain/audit/merkle.ts";
import type { AuditFaultCode } from "./audit-fault.ts";
import { AUDIT_FAULTS, AuditFault } from "./audit-fault.ts";
import type { AuditHead, AuditStore, AuditTransactions } from "./audit-store.ts";
import type { SignerContext } from "./sign-checkpoint.ts";
import { requireHead, requireNoRollback, requireOwnSignature } from "./sign-checkpoint.ts";
import { sha256 } from "./sha256.ts";
import { frontierAt } from "./tree.ts";

export type AuditProblem = {
  readonly code: AuditFaultCode;
  readonly message: string;
  readonly hint: string;
  /** Not ready while it stands. */
  readonly blocking: boolean;
};

/**
 * The quick check of every start and of /readyz: guards awake, roles apart, head standing on its entries, nothing lost since the last signature.
 * A dozen queries of one snapshot, whatever the size of the trail; `verifyAuditTrail` is the whole check.
 */
export async function checkAuditState(
  snapshot: AuditTransactions,
  context: Pick<SignerContext, "files" | "key">,
): Promise<readonly AuditProblem[]> {
  return snapshot(async (store) => {
    const problems: AuditProblem[] = await guardProblems(store);
    const head = await store.head();
    const checks = [
      () => requireStandingHead(store, head),
      () => requireNoRollback(store, context.files, [context.key], head),
      async () => {
        const latest = await store.latestCheckpoint();
        if (latest !== null) requireOwnSignature(latest, [context.key]);
      },
    ];
    for (const check of checks) {
      const problem = await problemOf(check);
      if (problem !== null) problems.push(problem);
    }
    return problems;
  });
}

async function problemOf(check: () => Promise<void>): Promise<AuditProblem | null> {
  try {
    await check();
    return null;
  } catch (error) {
    if (error instanceof AuditFault) return problem(error.code, error.message);
    throw error;
  }
}

const problem = (code: AuditFaultCode, message: string): AuditProblem => ({
  code,
  message,
  ...AUDIT_FAULTS[code],
});

async function guardProblems(store: AuditStore): Promise<AuditProblem[]> {
  const guards = await store.guards();
  const problems: AuditProblem[] = [];
  if (guards.missingTriggers.length > 0) {
    problems.push(
      problem(
        "AUDIT_GUARDS_MISSING",
        `These guards are missing or not ENABLE ALWAYS: ${guards.missingTriggers.join(", ")}.`,
      ),
    );
  }
  if (guards.encoding !== "UTF8") {
    problems.push(
      problem("AUDIT_ENCODING", `The database is encoded in ${guards.encoding}, not in UTF8.`),
    );
  }
  if (!guards.rolesSeparated) {
    const rights = guards.excessRights.length === 0 ? "" : ` (${guards.excessRights.join(", ")})`;
    problems.push(
      problem(
        "AUDIT_ROLES_NOT_SEPARATED",
        `Roles not separated: the control plane's database role could change the audit tables${rights}. Only triggers protect them.`,
      ),
    );
  }
  return problems;
}

/** Head, newest entry and stored subtrees must say the same. */
async function requireStandingHead(store: AuditStore, head: AuditHead): Promise<void> {
  const around = await store.leaves(Math.max(head.size - 1, 0), head.size + 1);
  const [last] = around;
  if (head.size === 0) {
    if (last !== undefined)
      throw new AuditFault(
        "AUDIT_HEAD_INCONSISTENT",
        "There are entries that the head does not count.",
      );
    return requireHead(head, { frontier: { size: 0, hashes: [] }, chainHash: CHAIN_START });
  }
  if (last?.seq !== head.size - 1 || around.length !== 1) {
    throw new AuditFault(
      "AUDIT_HEAD_INCONSISTENT",
      `The head counts ${head.size} entries, the newest is not ${head.size - 1}.`,
    );
  }
  if (!equalBytes(leafHash(last.leaf, sha256), last.leafHash)) {
    throw new AuditFault(
      "AUDIT_HEAD_INCONSISTENT",
      `The newest entry ${last.seq} does not have its stored hash.`,
    );
  }
  requireHead(head, { frontier: await frontierAt(store, head.size), chainHash: last.chainHash });
}
