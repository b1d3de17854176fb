# syntax=docker/dockerfile:1
# One image for the roles api, worker, setup and cli (target `service`), one for the IDWise stand-in (`simulator`).

FROM node:20.20.2-bookworm-slim AS base
# Temporal's client is native code and trusts the system's certificates.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node tools/build.mjs

FROM base AS production-dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM base AS simulator
ENV NODE_ENV=production
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist/simulator ./dist/simulator
USER node
EXPOSE 4100
CMD ["node", "--enable-source-maps", "dist/simulator/main.js"]

FROM base AS service
ENV NODE_ENV=production
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/dist/workflows ./dist/workflows
COPY --from=build /app/dist/activities ./dist/activities
COPY --from=build /app/dist/desk ./dist/desk
COPY --from=build /app/dist/workflow-bundle.js ./dist/
USER node
EXPOSE 3000
CMD ["node", "--enable-source-maps", "dist/src/main/api.js"]
