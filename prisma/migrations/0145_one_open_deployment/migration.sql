-- A version that was kept warm as a way back could be written down twice when it came again as a candidate: the older row ended where the newer began.
UPDATE "Deployment" AS older
SET "endedAt" = newer."startedAt", "endedBy" = 'slipway', "endReason" = 'Another release took the endpoint while it was kept warm as a way back.'
FROM "Deployment" AS newer
WHERE older."endedAt" IS NULL AND newer."endedAt" IS NULL AND older."endpointId" = newer."endpointId" AND older."versionId" = newer."versionId"
  AND (older."startedAt", older."id") < (newer."startedAt", newer."id");

-- A version is on an endpoint once.
CREATE UNIQUE INDEX "Deployment_one_open" ON "Deployment" ("endpointId", "versionId") WHERE "endedAt" IS NULL;
