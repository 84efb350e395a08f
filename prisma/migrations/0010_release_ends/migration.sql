-- A challenger can end without ever going live, and a release that is on its way back does not keep the next one from being made:
-- it keeps it from starting.
DROP INDEX "Release_one_open_per_endpoint";
CREATE UNIQUE INDEX "Release_one_open_per_endpoint" ON "Release" ("endpointId")
  WHERE "state" NOT IN ('COMPLETED', 'REJECTED', 'EXPIRED', 'CANCELLED', 'ABORTED', 'ROLLED_BACK', 'SUPERSEDED', 'DEPRECATED', 'ROLLING_BACK');
