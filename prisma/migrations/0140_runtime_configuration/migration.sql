-- AlterTable
ALTER TABLE "Runtime" ADD COLUMN     "environment" JSONB,
ADD COLUMN     "signals" JSONB,
ADD COLUMN     "signalsAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "RuntimeConfiguration" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "content" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RuntimeConfiguration_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "RuntimeConfiguration_endpointId_number_key" ON "RuntimeConfiguration"("endpointId", "number");

-- AddForeignKey
ALTER TABLE "RuntimeConfiguration" ADD CONSTRAINT "RuntimeConfiguration_endpointId_fkey" FOREIGN KEY ("endpointId") REFERENCES "Endpoint"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
