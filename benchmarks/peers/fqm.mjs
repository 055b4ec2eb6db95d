// Calculates a measure over patients' bundles, one JSON a line, and prints seconds and who is in which population.
// node fqm.mjs MEASURE PATIENTS PERIOD_START PERIOD_END FOLDER; fqm-execution is installed in the last.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [measureFile, patientsFile, start, end, folder] = process.argv.slice(2);
const { Calculator } = createRequire(join(folder, "index.js"))("fqm-execution");
const seconds = () => (({ user, system }) => (user + system) / 1e6)(process.cpuUsage());
const measure = JSON.parse(readFileSync(measureFile, "utf8"));
// all that costs time and is not asked for here is off
const options = {
  measurementPeriodStart: start,
  measurementPeriodEnd: end,
  calculateHTML: false,
  calculateClauseCoverage: false,
  calculateSDEs: false,
  calculateRAVs: false,
  trustMetaProfile: false,
  verboseCalculationResults: false,
};

const begun = seconds();
const bundles = readFileSync(patientsFile, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
const parsed = seconds();
const { results } = await Calculator.calculate(measure, bundles, options);
const done = seconds();
const populations = {};
for (const { patientId, detailedResults } of results) {
  populations[patientId] = detailedResults[0].populationResults.filter((one) => one.result).map((one) => one.populationType);
}
console.log(JSON.stringify({ read: parsed - begun, calculate: done - parsed, populations }));
