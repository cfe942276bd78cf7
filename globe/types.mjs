// Writes src/openapi.d.ts, or the file named, from the schema of the server's app; needs `python` with closedsky and openapi-typescript.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const SCHEMA = "import json; from closedsky.server.app import make_app; print(json.dumps(make_app().openapi()))";
const schema = JSON.parse(execFileSync("python", ["-c", SCHEMA], { encoding: "utf8", maxBuffer: 1 << 26 }));
const head = "// Written by `make types` from the server's schema. Not to be edited.\n\n";
writeFileSync(process.argv[2] ?? new URL("src/openapi.d.ts", import.meta.url), head + astToString(await openapiTS(schema)));
