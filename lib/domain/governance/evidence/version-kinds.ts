import { atLeast, atMost, DAY, differs, kind, MONTH, no, none, notAbove, notAfter, number, past, same, text, YEAR, yes, type KindSpec } from "./kind.ts";

/** Facts about one version's bytes, its validation and its documents. Bound to the digest: another byte, another version, nothing carries over. */
export const VERSION_KINDS: readonly KindSpec[] = [
  kind("artifact_digest_recorded", "version", "slipway", null, [
    text("sha256", "Digest"), text("format", "Format found in the content"), text("formatVersion", "Format version"),
    yes("formatAsDeclared", "The content is the format it was declared as"),
  ]),
  kind("artifact_signature_verified", "version", "either", DAY, [
    text("signer", "Signer"), yes("signatureValid", "The signature over the digest verifies"), yes("runningDigestEqual", "What runs has the approved digest"),
  ]),
  kind("artifact_format_safe", "version", "slipway", null, [
    none("blockingFindings", "Findings that block"), text("scannerVersion", "Scanner version"),
  ]),
  kind("preprocessing_bundle_pinned", "version", "slipway", null, [
    text("preprocessingDigest", "Digest of the preprocessing, or of the graph that holds it"), atLeast("goldenTotal", "Golden requests replayed", 1),
    none("goldenFailed", "Golden answers that differed"),
  ]),
  kind("dependency_lock_present", "version", "either", null, [
    atLeast("entries", "Locked dependencies", 1), none("unpinned", "Entries without exact version and hash"), none("mismatched", "Packages that a runtime reports otherwise"),
  ]),
  kind("sbom_generated", "version", "either", MONTH, [
    text("format", "Format, such as CycloneDX 1.6"), yes("schemaValid", "It validates against its schema"), none("criticalVulnerabilities", "Open critical vulnerabilities"),
  ]),
  kind("validation_report_passed", "version", "either", null, [
    text("dataset", "Held-out dataset"), text("datasetDigest", "Digest of the held-out dataset"), text("trainingDatasetDigest", "Digest of the training dataset"),
    atLeast("rows", "Rows evaluated", 100), none("metricsOutside", "Metrics outside their threshold"),
    past("thresholdsSetAt", "Thresholds stored"), past("ranAt", "Evaluation began"),
    differs("datasetDigest", "trainingDatasetDigest", "The test ran on the training data."),
    notAfter("thresholdsSetAt", "ranAt", "A threshold was changed after the run, so its verdict is void."),
    notAbove("overlapShare", "overlapLimit", "More of its rows than allowed are in the training data too."),
  ]),
  kind("validation_dataset_profiled", "version", "either", null, [
    text("reference", "Reference sample compared with"), atMost("worstPsi", "Greatest population stability index of a feature", 0.2), atLeast("features", "Features compared", 1),
  ]),
  kind("independent_validation_signoff", "version", "person", null, [
    text("validator", "Validator"), no("validatorIsAuthor", "The validator made, trained, uploaded or owns it"),
    none("openHighFindings", "Open high findings"), text("challenge", "Questions asked, or why none"),
  ]),
  kind("subgroup_performance_report", "version", "either", null, [
    atLeast("slices", "Slices reported", 2), number("worstGap", "Gap of the worst slice"), number("gapLimit", "Limit of the gap"), atLeast("smallestSlice", "Rows in the smallest slice", 20),
    notAbove("worstGap", "gapLimit", "The worst slice is further from the rest than its limit allows."),
  ]),
  kind("fairness_assessment", "version", "either", null, [
    text("groups", "Protected groups"), text("metric", "Fairness metric"), number("value", "Greatest difference between groups"), number("limit", "Limit"), text("rationale", "Why this metric"),
    notAbove("value", "limit", "The difference between groups is past its limit."),
  ]),
  kind("robustness_test_report", "version", "either", null, [
    atLeast("suites", "Suites run", 3), number("worstDegradation", "Greatest loss of the main metric"), number("limit", "Limit of the loss"),
    notAbove("worstDegradation", "limit", "Quality falls by more than its limit under perturbation."),
  ]),
  kind("sensitivity_stress_report", "version", "either", null, [
    atLeast("scenarios", "Scenarios run", 1), none("scenariosOutside", "Scenarios outside their threshold"),
  ]),
  kind("conceptual_soundness_review", "version", "person", null, [
    text("reviewer", "Reviewer"), text("assumptions", "Assumptions reviewed"), text("conclusion", "Conclusion"), no("reviewerIsAuthor", "The reviewer made it"),
  ]),
  kind("benchmark_comparison_report", "version", "either", null, [
    text("baseline", "Simple baseline"), text("champion", "Version it was compared with"), yes("sameRows", "All were scored on the same rows"), number("gain", "Gain of the main metric over the baseline"), atLeast("gainLow", "Lower end of the gain's interval", 0),
  ]),
  kind("security_test_report", "version", "either", YEAR, [
    atLeast("suites", "Suites run", 1), none("openHigh", "Open findings of high severity"),
  ]),
  kind("input_schema_defined", "version", "slipway", null, [
    atLeast("fields", "Input fields", 1), none("fieldsWithoutRule", "Fields without a rule"), yes("matchesSignature", "The contract matches the model's signature"),
  ]),
  kind("load_test_profile", "version", "either", null, [
    text("hardware", "Hardware class"), atLeast("runs", "Requests measured", 10), number("latencyMsP95", "p95, milliseconds"), number("peakMemoryBytes", "Memory peak, bytes"), none("errors", "Requests that failed"), none("memoryLimitEvents", "Out of memory or throttled"),
    notAbove("memoryNeededBytes", "memoryLimitBytes", "The memory limit is below the measured peak and its margin."),
    same("configurationDigest", "testedConfigurationDigest", "Limits were changed after the run: test it again."),
  ]),
  kind("explanation_available", "version", "either", null, [
    text("method", "Method"), yes("sampleAnswered", "A sample request gave attributions or reason codes"), yes("byPredictionId", "It can be fetched by prediction id"),
  ]),
  kind("instructions_for_use_published", "version", "person", null, [
    text("document", "Document"), none("emptySections", "Required sections that are empty"), yes("accuracyAsMeasured", "Declared accuracy equals the newest validation"),
  ]),
  kind("model_card_published", "version", "slipway", YEAR, [
    none("missingFields", "Mandatory fields that are empty"), none("figuresThatDiffer", "Figures that differ from the evaluation"), text("cardDigest", "Digest of the card"),
  ]),
  kind("technical_documentation_package", "version", "either", null, [
    atLeast("sections", "Sections of Annex IV", 9), none("sectionsWithoutEvidence", "Sections without evidence"), text("exportDigest", "Digest of the export"),
  ]),
  kind("limitations_documented", "version", "person", null, [
    text("limitations", "Limitations"), text("outOfScope", "Uses out of scope"), text("acknowledgedBy", "Acknowledged by the owner"),
  ]),
  kind("training_data_documented", "version", "either", null, [
    text("datasets", "Datasets"), text("provenance", "Provenance"), text("period", "Period covered"), text("knownGaps", "Known gaps"),
  ]),
  kind("data_lineage_recorded", "version", "either", null, [
    text("dataset", "Training dataset"), text("run", "Training run or commit"), none("missingEdges", "Missing links from data to artifact"),
  ]),
  kind("privacy_assessment", "version", "person", null, [
    text("legalBasis", "Legal basis"), text("personalData", "Personal data used"), text("retention", "Retention"), yes("logsRedacted", "Inference logs are redacted"),
  ]),
  kind("environmental_impact_record", "version", "person", YEAR, [
    number("trainingKwh", "Energy of training, kWh"), text("method", "How it was measured"),
  ]),
];
