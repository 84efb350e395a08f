import { atLeast, future, HOUR, kind, NINETY_DAYS, no, none, notAfter, number, past, QUARTER, text, YEAR, yes, type KindSpec } from "./kind.ts";

/** What people decide, sign, file and keep current about a model and its system. */
export const GOVERNANCE_KINDS: readonly KindSpec[] = [
  kind("pccp_document_registered", "model", "slipway", null, [
    text("authorisationRef", "Authorisation reference"), text("planVersion", "Plan version"), atLeast("modifications", "Allowed modifications", 1), yes("authorised", "It is authorised"),
  ]),
  kind("post_market_monitoring_plan", "model", "person", YEAR, [
    text("owner", "Owner"), text("metrics", "Metrics watched"), none("unboundMetrics", "Metrics without a live monitor"), text("collection", "How experience is collected"),
  ]),
  kind("human_oversight_measures", "model", "person", YEAR, [
    text("overseers", "Named overseers"), yes("competent", "Each holds a valid competence record"), text("override", "How they stop or override it"),
  ]),
  kind("conformity_assessment", "model", "person", null, [
    text("procedure", "Procedure, Annex VI or VII"), past("assessedAt", "Assessed"), text("outcome", "Outcome"), future("validUntil", "Valid until"),
  ]),
  kind("declaration_of_conformity", "model", "person", null, [
    text("system", "System name, type and identifier"), text("provider", "Provider or representative, with address"), yes("soleResponsibility", "Issued under the provider's sole responsibility"),
    yes("conforms", "The system conforms to the Regulation"), text("dataProtection", "Personal data statement, or why none"), text("standards", "Standards or specifications applied"),
    text("notifiedBody", "Notified body with certificate, or why none"), text("placeAndDate", "Place and date"), text("signatory", "Name and function, and on whose behalf"),
  ]),
  kind("ce_marking_recorded", "model", "person", null, [text("location", "Where the mark is"), text("notifiedBody", "Number of the notified body, or none")]),
  kind("eu_db_registration", "model", "person", null, [text("registrationId", "Registration id"), past("registeredAt", "Registered"), none("differences", "Differences from the registry")]),
  kind("fria_completed", "model", "person", null, [
    text("process", "Process in which it is used"), text("period", "Period and frequency of use"), text("people", "Groups of people affected"), text("harms", "Specific risks of harm"),
    text("oversight", "Human oversight"), text("measures", "Measures when risks come true, complaints included"), past("notifiedAt", "Authority notified"),
  ]),
  kind("dpia_linked", "model", "person", null, [text("reference", "Reference"), past("approvedAt", "Approved")]),
  kind("risk_classification_recorded", "model", "slipway", YEAR, [
    text("result", "Result"), text("rationale", "Rationale"), text("reviewer", "Decided by"), no("prohibited", "A prohibited practice"),
  ]),
  kind("risk_register_current", "model", "person", QUARTER, [
    atLeast("risks", "Risks in the register", 1), none("withoutOwner", "Risks without owner, rating or control"), past("reviewedAt", "Last review"),
  ]),
  kind("risk_acceptance_signed", "model", "person", null, [text("risk", "Residual risk"), text("acceptedBy", "Accepted by, with role"), future("validUntil", "Valid until")]),
  kind("model_inventory_entry", "model", "slipway", YEAR, [none("missingFields", "Mandatory fields that are empty"), none("unknownEndpoints", "Endpoints in telemetry without an entry")]),
  kind("model_tier_assigned", "model", "either", YEAR, [text("tier", "Tier"), text("exposure", "Exposure"), text("purpose", "Purpose"), text("inherentRisk", "Inherent risk")]),
  kind("business_case_recorded", "model", "person", YEAR, [text("decision", "Decision supported"), text("users", "Users"), text("benefit", "Expected benefit"), text("alternatives", "Alternatives considered")]),
  kind("vendor_model_assessment", "model", "person", YEAR, [text("supplier", "Supplier"), text("localTests", "Results of our own tests"), text("contract", "Contract"), text("exitPlan", "Exit plan")]),
  kind("regulator_request_log", "organisation", "person", YEAR, [none("overdue", "Requests past their date"), text("handler", "Who answers")]),
  kind("stakeholder_feedback_record", "model", "person", YEAR, [past("consultedAt", "Consulted"), text("parties", "Parties"), text("input", "What they said"), text("change", "What changed because of it")]),
  kind("policy_attestation", "organisation", "person", YEAR, [text("policy", "Policy with version"), text("owner", "Attested by")]),
  kind("roles_assigned", "model", "slipway", 1, [
    text("owner", "Owner"), none("inactive", "Role holders who are no longer active"), yes("distinct", "Developer and validator are different people"),
  ]),
  kind("training_record", "organisation", "person", YEAR, [text("course", "Training"), none("expired", "Acting people whose training has expired")]),
  kind("rbac_sod_enforced", "organisation", "slipway", 1, [none("conflicts", "People who could approve their own work"), number("refusedAttempts", "Attempts that were refused")]),
  kind("findings_tracked", "model", "either", QUARTER, [none("withoutOwner", "Findings without owner or date"), none("overdueHigh", "High findings past their date")]),
  kind("aggregate_risk_report", "organisation", "slipway", QUARTER, [atLeast("models", "Models in the inventory", 1), text("reportDigest", "Digest of the report")]),
  kind("internal_audit_report", "organisation", "person", YEAR, [text("reference", "Report"), text("scope", "Scope"), past("reportedAt", "Reported")]),
  kind("audit_log_integrity", "organisation", "slipway", 1, [atLeast("size", "Entries verified", 1), none("problems", "Problems found"), text("report", "What was found")]),
  kind("audit_log_retention", "organisation", "slipway", 1, [
    yes("deleteRefused", "The application cannot delete an entry"), atLeast("effectiveDays", "Effective retention, days", 184), none("rulesBelowFloor", "Rules below a legal floor"),
  ]),
  kind("log_export_available", "organisation", "either", 31, [atLeast("entries", "Entries exported", 1), yes("hashesMatch", "The export's hashes match the rows")]),
  kind("documentation_retention", "organisation", "either", 1, [yes("immutable", "Documents cannot be changed or deleted"), atLeast("effectiveDays", "Effective retention, days", 3650)]),
  kind("data_residency_enforced", "organisation", "either", HOUR * 2, [none("outside", "Resources outside the allowed regions"), atLeast("checked", "Resources checked", 1)]),
  kind("backup_restore_tested", "organisation", "either", NINETY_DAYS, [past("restoredAt", "Restored"), yes("chainVerified", "The restored audit chain verified"), notAfter("backupAt", "restoredAt", "Restored before it was saved."), past("backupAt", "Saved")]),
  kind("system_validation_record", "organisation", "person", null, [text("release", "Slipway version"), text("evidence", "Test evidence"), text("approvedBy", "Approved by")]),
];
