// generate: writes the numbering plans beside this file, one a country, from the npm package libphonenumber-js and
// brands.json. usage: node generate.mjs FOLDER_OF_libphonenumber-js [OUT]; "make numbering" calls it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rangesOf } from './prefixes.mjs';

const FORMAT = 1; // as daemon/conf/numbering.c knows it
const PREFIX_MOST = 7; // digits, as MSISDN_PREFIX_CAP
const LENGTH_MOST = 14;
const COLUMNS = 120;

const here = dirname(fileURLToPath(import.meta.url));
const [folder, out = here] = process.argv.slice(2);
if (!folder) {
	console.error('usage: node generate.mjs FOLDER_OF_libphonenumber-js [OUT]');
	process.exit(2);
}
const require = createRequire(join(resolve(folder), 'package.json'));
const { version } = require('./package.json');
const metadata = require('./metadata.max.json');
const brands = JSON.parse(readFileSync(join(here, 'brands.json'), 'utf8'));
const names = new Intl.DisplayNames('en', { type: 'region' });

// Where things lie in a country's row of the metadata.
const CODE = 0, LENGTHS = 3, FORMATS = 4, TRUNK = 5, TYPES = 11, FIXED_LINE = 0, MOBILE = 1, TYPE_LENGTHS = 1;
const PATTERN = 0, FORMAT_TEXT = 1, LEADING = 2, ABROAD = 5; // of a format

/** Ranges of what may be mobile: as the package judges, where the two kinds share a pattern, all of it may be. */
function mobileOf(row) {
	const types = row[TYPES];
	const type = types[MOBILE]?.[0] ? types[MOBILE] : types[FIXED_LINE];
	const possible = type[TYPE_LENGTHS] || row[LENGTHS];
	return rangesOf(type[0], possible.filter((n) => n <= LENGTH_MOST));
}

/** How a number is grouped between countries; "": not said. Parts of a shared code take the formats of the main country. */
function grouped(code, national) {
	const formats = metadata.countries[metadata.country_calling_codes[code][0]][FORMATS] || [];
	const whole = (format) => new RegExp(`^(?:${format[PATTERN]})$`);
	const leads = (format) => !format[LEADING]?.length || new RegExp(`^(?:${format[LEADING].at(-1)})`).test(national);
	const format = formats.find((f) => f[ABROAD] !== 'NA' && leads(f) && whole(f).test(national));
	return format ? national.replace(whole(format), format[ABROAD] || format[FORMAT_TEXT]) : '';
}

/** How most numbers of each length are grouped, with an x for each national digit. */
function displayOf(code, ranges) {
	const counts = new Map();
	for (const { from, to, lengths } of ranges) {
		for (const length of lengths) {
			for (const prefix of new Set([from, to])) {
				const national = (prefix + '2345678901234').slice(0, length);
				const shape = grouped(code, national).replace(/\d/g, 'x');
				if (!/^x[x -]*$/.test(shape) || shape.replace(/[^x]/g, '').length !== length) continue;
				const of = counts.get(length) ?? new Map();
				of.set(shape, (of.get(shape) ?? 0) + (Number(to) - Number(from) + 1) * 10 ** (length - from.length));
				counts.set(length, of);
			}
		}
	}
	return [...counts].sort(([a], [b]) => a - b).map(([, of]) => [...of].sort((a, b) => b[1] - a[1])[0][0]);
}

/** [9,10,12] -> "9-10,12" */
function lengthText(lengths) {
	const runs = [];
	for (const n of lengths) {
		if (runs.at(-1)?.at(-1) === n - 1) runs.at(-1)[1] = n;
		else runs.push([n]);
	}
	return runs.map((run) => run.join('-')).join();
}

const rangeText = ({ from, to }) => (from === to ? from : `${from}-${to}`);

/** The array, broken into lines that fit. */
function array(key, texts, indent) {
	const one = `${indent}${key} = [${texts.map((t) => `"${t}"`).join(', ')}];`;
	if (one.length <= COLUMNS - 8) return one;
	const lines = [''];
	for (const text of texts) {
		if (lines.at(-1).length + text.length + 4 > COLUMNS - 24) lines.push('');
		lines[lines.length - 1] += `"${text}", `;
	}
	const inner = lines.map((line) => `${indent}\t${line.trimEnd()}`).join('\n').replace(/,$/, '');
	return `${indent}${key} = [\n${inner}\n${indent}];`;
}

function rangesText(rows) {
	return rows.map(([brand, network, prefixes]) =>
		`\t\t{\n\t\t\tbrand = "${brand}";\n\t\t\tnetwork = "${network}";\n${array('prefixes', prefixes, '\t\t\t')}\n\t\t}`).join(',\n');
}

function planOf(region, row) {
	const ranges = mobileOf(row);
	const same = ranges.every((r) => `${r.lengths}` === `${ranges[0].lengths}`);
	const { lengths } = ranges[0];
	const plain = same && lengths.at(-1) - lengths[0] + 1 === lengths.length;
	const known = brands[region];
	const display = displayOf(row[CODE], ranges);
	const deepest = Math.max(...ranges.map((r) => r.from.length));
	if (deepest > PREFIX_MOST) throw new Error(`${region}: a prefix of ${deepest} digits`);
	const lines = [
		`# Mobile numbers of ${names.of(region)}, as libphonenumber-js ${version} knows them. Written by generate.mjs: do not edit it.`,
		'# What differs is said in numbering.countries of otpgwd.conf.',
		...(known ? [`# ${known.note}`] : []),
		`format = ${FORMAT};`,
		`source = "libphonenumber-js ${version}";`,
		'country: {',
		`\tregion = "${region}";`,
		`\tcode = "${row[CODE]}";`,
		`\ttrunk = "${row[TRUNK] || ''}";`,
		...(plain ? [`\tlength = [${lengths[0]}, ${lengths.at(-1)}];`] : []),
		array('mobile', ranges.map((r) => rangeText(r) + (plain ? '' : `:${lengthText(r.lengths)}`)), '\t'),
		...(display.length ? [array('display', display, '\t')] : []),
		...(known?.ranges.length ? [`\tranges = (\n${rangesText(known.ranges)}\n\t);`] : []),
		'};',
		'',
	];
	return lines.join('\n');
}

mkdirSync(out, { recursive: true });
for (const [region, row] of Object.entries(metadata.countries)) writeFileSync(join(out, `${region}.conf`), planOf(region, row));
console.log(`${Object.keys(metadata.countries).length} plans of libphonenumber-js ${version}`);
