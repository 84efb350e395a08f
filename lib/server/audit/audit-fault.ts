/**
 * What can be wrong with the trail or its key. Blocking faults keep the control plane from being ready: nothing is signed
 * while one stands, because a signature would vouch for what is in doubt.
 */
export const AUDIT_FAULTS = {
  AUDIT_ROLLBACK_DETECTED: {
    blocking: true,
    hint: "The database is older than what was already signed: restore the newest backup. If those entries are lost for good, see docs/audit.md, section 8.",
  },
  AUDIT_INCONSISTENT: {
    blocking: true,
    hint: "Entries that were already signed have changed. Keep a copy of the database as it is, then restore a backup from before the change.",
  },
  AUDIT_HEAD_INCONSISTENT: {
    blocking: true,
    hint: "The stored tree does not fit its entries. Keep a copy of the database as it is, then restore a backup.",
  },
  AUDIT_KEY_MISSING: {
    blocking: true,
    hint: "Put the signing key back where it was (audit/signing-key in the data directory). If it is lost, change the key: docs/audit.md, section 7.",
  },
  AUDIT_KEY_UNUSABLE: {
    blocking: true,
    hint: "The signing key file is damaged or belongs to another log. Put the right file back.",
  },
  AUDIT_KEY_MISMATCH: {
    blocking: true,
    hint: "The newest checkpoint was signed by another key. Give every replica the same key file.",
  },
  AUDIT_GUARDS_MISSING: {
    blocking: true,
    hint: "Somebody switched off the triggers that protect the trail. ALTER TABLE ... ENABLE ALWAYS TRIGGER puts each back; then verify the trail.",
  },
  AUDIT_ENCODING: {
    blocking: true,
    hint: "Create the database with ENCODING 'UTF8' and restore into it.",
  },
  AUDIT_ROLES_NOT_SEPARATED: {
    blocking: false,
    hint: "Connect the control plane as a role that does not own the tables: set SLIPWAY_DATABASE_OWNER_URL for migrations and DATABASE_URL for the rest.",
  },
} as const satisfies Readonly<
  Record<string, { readonly blocking: boolean; readonly hint: string }>
>;

export type AuditFaultCode = keyof typeof AUDIT_FAULTS;

/** A fault as an exception: signing or opening the trail stopped at it. */
export class AuditFault extends Error {
  override readonly name = "AuditFault";
  readonly code: AuditFaultCode;

  constructor(code: AuditFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get hint(): string {
    return AUDIT_FAULTS[this.code].hint;
  }

  get blocking(): boolean {
    return AUDIT_FAULTS[this.code].blocking;
  }
}
