// Other people's readers over the files of a folder: what each of them finds, as one JSON text.
// node tests/readers/read_exports.mjs FOLDER

import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { check } from "@placemarkio/check-geojson";
import { kml } from "@tmcw/togeojson";
import { DOMParser } from "@xmldom/xmldom";
import DxfParser from "dxf-parser";
import { deserialize } from "flatgeobuf/lib/mjs/geojson.js";
import { parquetReadObjects, parquetMetadata } from "hyparquet";

const folder = process.argv[2];
const plain = (_, value) => (typeof value === "bigint" ? Number(value) : value);

async function flatgeobuf(data) {
  const features = [];
  for await (const feature of deserialize(new Uint8Array(data))) features.push(feature);
  return features;
}

async function parquet(data) {
  const file = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  const { key_value_metadata } = parquetMetadata(file);
  return { rows: await parquetReadObjects({ file }), metadata: Object.fromEntries(key_value_metadata.map((pair) => [pair.key, pair.value])) };
}

function drawing(data) {
  const { entities, header, tables } = new DxfParser().parseSync(data.toString("utf8"));
  return { entities, units: header.$INSUNITS, layers: Object.keys(tables.layer.layers) };
}

function placemarks(data) {
  const errors = [];
  const document = new DOMParser({ onError: (level, message) => errors.push(`${level}: ${message}`) }).parseFromString(data.toString("utf8"), "text/xml");
  return { errors, ...kml(document) };
}

const READERS = {
  "a.geojson": (data) => check(data.toString("utf8")),
  "a.kml": placemarks,
  "a.dxf": drawing,
  "a.fgb": flatgeobuf,
  "a.parquet": parquet,
};

const found = {};
for (const [name, read] of Object.entries(READERS)) {
  const path = join(folder, name);
  if (!existsSync(path)) continue;
  try {
    found[name] = await read(readFileSync(path));
  } catch (error) {
    found[name] = { failed: String(error) };
  }
}
process.stdout.write(JSON.stringify(found, plain));
