import { PrismaPg } from "@prisma/adapter-pg";
export const wrong = PrismaPg;
