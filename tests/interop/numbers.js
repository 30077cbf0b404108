// Numbers of every country, right and wrong, as libphonenumber-js judges them: a JSON object a line. usage: numbers.js COUNT SEED
const { parsePhoneNumberFromString } = require('libphonenumber-js/max');
const examples = require('libphonenumber-js/examples.mobile.json');
const metadata = require('libphonenumber-js/metadata.max.json');

const [count, seed] = process.argv.slice(2).map(Number);
let state = seed;
// A small generator with a seed: the same numbers at each run.
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const digits = (n) => Array.from({ length: n }, () => random(10)).join('');

/** The example of the country with its last digits changed; one digit anywhere changed, added or left out; or any digits. */
function number(example, lengths) {
  const at = random(example.length);
  switch (random(6)) {
    case 0:
      return digits(Math.min(lengths[random(lengths.length)], 14));
    case 1:
      return example.slice(0, at) + digits(1) + example.slice(at);
    case 2:
      return example.slice(0, at) + example.slice(at + 1);
    case 3:
      return example.slice(0, at) + digits(1) + example.slice(at + 1);
    default: {
      const kept = random(Math.min(5, example.length));
      return example.slice(0, kept) + digits(example.length - kept);
    }
  }
}

const out = [];
for (const [region, row] of Object.entries(metadata.countries)) {
  for (let i = 0; i < count; i++) {
    const text = `+${row[0]}${number(examples[region] ?? digits(row[3][0]), row[3])}`;
    const read = parsePhoneNumberFromString(text);
    const mobile = Boolean(read?.isValid()) && ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(read.getType());
    out.push(JSON.stringify({ of: region, text, number: mobile ? read.number.slice(1) : null, region: mobile ? read.country : null }));
  }
}
console.log(out.join('\n'));
