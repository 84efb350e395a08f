import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { endpointListView, endpointListViewQuery } from "#lib/contracts/views/endpoint-list-view.ts";
import {
  endpointMonitoringQuery,
  endpointMonitoringView,
  endpointView,
  endpointViewQuery,
} from "#lib/contracts/views/endpoint-view.ts";
import { modelListView, modelListViewQuery } from "#lib/contracts/views/model-list-view.ts";
import { modelView } from "#lib/contracts/views/model-view.ts";
import { newEndpointView, newEndpointViewQuery } from "#lib/contracts/views/new-endpoint-view.ts";
import { newVersionView, newVersionViewQuery } from "#lib/contracts/views/new-version-view.ts";
import { versionView } from "#lib/contracts/views/version-view.ts";

/** What the screens of models and endpoints read. Like the other views they follow the screens. */

const none = z.strictObject({});

export const viewModels = operation({
  name: "viewModels",
  method: "GET",
  path: "/api/v1/views/models",
  summary: "The list of models",
  permission: "model:read",
  params: none,
  query: modelListViewQuery,
  body: null,
  response: modelListView,
  status: 200,
});

export const viewModel = operation({
  name: "viewModel",
  method: "GET",
  path: "/api/v1/views/models/{model}",
  summary: "The page of a model",
  permission: "model:read",
  params: z.strictObject({ model: slug }),
  query: none,
  body: null,
  response: modelView,
  status: 200,
});

export const viewVersion = operation({
  name: "viewVersion",
  method: "GET",
  path: "/api/v1/views/models/{model}/versions/{version}",
  summary: "The page of a version",
  permission: "version:read",
  params: z.strictObject({ model: slug, version: versionName }),
  query: none,
  body: null,
  response: versionView,
  status: 200,
});

export const viewNewVersion = operation({
  name: "viewNewVersion",
  method: "GET",
  path: "/api/v1/views/versions/new",
  summary: "What the register form needs",
  permission: "version:read",
  params: none,
  query: newVersionViewQuery,
  body: null,
  response: newVersionView,
  status: 200,
});

export const viewEndpoints = operation({
  name: "viewEndpoints",
  method: "GET",
  path: "/api/v1/views/endpoints",
  summary: "The list of endpoints",
  permission: "endpoint:read",
  params: none,
  query: endpointListViewQuery,
  body: null,
  response: endpointListView,
  status: 200,
});

export const viewNewEndpoint = operation({
  name: "viewNewEndpoint",
  method: "GET",
  path: "/api/v1/views/endpoints/new",
  summary: "What the form for a new endpoint needs",
  permission: "endpoint:read",
  params: none,
  query: newEndpointViewQuery,
  body: null,
  response: newEndpointView,
  status: 200,
});

export const viewEndpoint = operation({
  name: "viewEndpoint",
  method: "GET",
  path: "/api/v1/views/endpoints/{endpoint}",
  summary: "The page of an endpoint, and what was live there at a past moment",
  permission: "endpoint:read",
  params: z.strictObject({ endpoint: slug }),
  query: endpointViewQuery,
  body: null,
  response: endpointView,
  status: 200,
});

export const viewEndpointMonitoring = operation({
  name: "viewEndpointMonitoring",
  method: "GET",
  path: "/api/v1/views/endpoints/{endpoint}/monitoring",
  summary: "Requests, errors and latency of an endpoint by arm",
  permission: "endpoint:read",
  params: z.strictObject({ endpoint: slug }),
  query: endpointMonitoringQuery,
  body: null,
  response: endpointMonitoringView,
  status: 200,
});
