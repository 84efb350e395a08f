-- DropIndex
DROP INDEX "MetricRollup_endpointId_grainSeconds_periodStart_idx";

-- A year of hours for a chart is read from the index alone: the rows themselves carry histograms and bins that no chart of traffic needs.
-- The condition is true of every row; it keeps an index with INCLUDE, which the schema language cannot say, out of the comparison with the schema.
CREATE INDEX "MetricRollup_traffic" ON "MetricRollup" ("endpointId", "grainSeconds", "periodStart")
  INCLUDE ("versionId", "arm", "requests", "errors", "refused", "labelsReceived", "labelsWrong", "p50Us", "p95Us", "p99Us", "valuesReceived", "valuesSum")
  WHERE "endpointId" IS NOT NULL;
