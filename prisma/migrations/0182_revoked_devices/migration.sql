-- DropIndex
DROP INDEX "Device_endpointId_name_key";

-- AlterTable
ALTER TABLE "Device" ADD COLUMN     "revokedAt" TIMESTAMPTZ(3),
ADD COLUMN     "revokedBy" TEXT;

-- CreateIndex
CREATE INDEX "Device_endpointId_name_idx" ON "Device"("endpointId", "name");

-- A name is free again once its device is revoked.
CREATE UNIQUE INDEX "Device_one_name" ON "Device" ("endpointId", "name") WHERE "revokedAt" IS NULL;
