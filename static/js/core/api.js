// The only place that talks to the server: JSON in and out, errors as Problem with a sentence for the user.

import { begin } from "./busy.js";
import { lang, t } from "./i18n.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || t("error.unreadable"));
    this.status = status;
    this.code = body.code ?? "broken";
    this.wayOut = typeof body.way_out === "string" && !named(this.message, body.way_out) ? body.way_out : "";
    this.body = body;
  }
}

// Whether the message names already what the way out lists after its colon: one list is enough.
const named = (message, wayOut) => /[:：]/.test(wayOut) && message.includes(wayOut.split(/[:：]/).at(-1).trim());

const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";

export function address(path, parameters = {}) {
  const query = new URLSearchParams({ lang });
  for (const [name, value] of Object.entries(parameters)) if (value !== null && value !== undefined && value !== "") query.set(name, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export async function get(path, parameters = {}, { signal } = {}) {
  const { body } = await call("GET", address(path, parameters), { signal });
  return body;
}

// Resolves to {body, etag, revision}; `json` or `form` is the body sent. `quiet`: no bar for it.
export async function call(method, url, { json, form, headers, signal, quiet = false } = {}) {
  const stopped = new AbortController();
  const over = quiet ? () => {} : begin(method === "GET" ? () => stopped.abort() : null);
  signal?.addEventListener("abort", () => stopped.abort(), { once: true });
  if (signal?.aborted) stopped.abort();
  try {
    return await send(method, url, { json, form, headers, signal: stopped.signal });
  } finally {
    over();
  }
}

async function send(method, url, { json, form, headers = {}, signal }) {
  const sent = { Accept: "application/json, application/geo+json, application/problem+json", "Accept-Language": lang, ...headers };
  if (method !== "GET") sent["X-CSRF-Token"] = token();
  if (json !== undefined) sent["Content-Type"] ??= "application/json";
  const body = json !== undefined ? JSON.stringify(json) : form;
  let response;
  try {
    response = await fetch(url, { method, headers: sent, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: t("error.offline") });
  }
  const answer = response.status === 204 ? null : await read(response);
  if (!response.ok) throw new Problem(response.status, answer ?? {});
  return { body: answer, etag: response.headers.get("ETag"), revision: Number(response.headers.get("X-Yuantu-Revision")) || null };
}

// A body that is no JSON, such as a vector tile, as bytes.
export async function bytes(url, { signal } = {}) {
  const response = await fetch(url, { headers: { "Accept-Language": lang }, signal, credentials: "same-origin" }).catch((error) => {
    throw error.name === "AbortError" ? error : new Problem(0, { detail: t("error.offline") });
  });
  if (!response.ok) throw new Problem(response.status, await read(response));
  return response.arrayBuffer();
}

// A body that is no JSON is only acceptable beside an error status, which then speaks for itself.
async function read(response) {
  try {
    return await response.json();
  } catch (error) {
    if (response.ok) throw error.name === "AbortError" ? error : new Problem(response.status, { detail: t("error.unreadable") });
    return {};
  }
}

// An upload that tells how far it is and can be aborted; `progress` gets a share between 0 and 1.
export function upload(url, form, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    signal?.addEventListener("abort", () => request.abort());
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    request.open("POST", url);
    request.setRequestHeader("X-CSRF-Token", token());
    request.setRequestHeader("Accept-Language", lang);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Problem(0, { detail: t("error.offline") })));
    request.addEventListener("load", () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = {};
      }
      if (request.status >= 200 && request.status < 300) resolve(body);
      else reject(new Problem(request.status, body));
    });
    request.send(form);
  });
}
