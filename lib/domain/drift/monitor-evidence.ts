/** Kinds of evidence that the monitors vouch for by themselves; ids are those of the governance catalogue. */
export const monitorKinds = [
  "infra_dashboard_live",
  "drift_monitor_active",
  "prediction_drift_baseline_set",
  "performance_monitor_active",
  "business_outcome_linked",
] as const;
export type MonitorKind = (typeof monitorKinds)[number];
