// Redocly's linter, by its library: the command line around it brings 150 MB of other things.
import { formatProblems, getTotals, lint, loadConfig } from "@redocly/openapi-core";

const config = await loadConfig({ configPath: "redocly.yaml" });
const problems = await lint({ ref: "openapi.json", config });
const totals = getTotals(problems);
formatProblems(problems, { format: "stylish", totals, version: "1" });
console.log(`${totals.errors} errors, ${totals.warnings} warnings`);
process.exitCode = totals.errors + totals.warnings > 0 ? 1 : 0;
