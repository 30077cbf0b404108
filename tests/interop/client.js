// One conversation with the gateway through a client library: node client.js LIBRARY SOCKET NUMBER
// LIBRARY+cache: with the cache of the library, which asks for RESP3 and CLIENT TRACKING.
// Prints a JSON line for each step; reads the code that the phone got from standard input.
'use strict';
const readline = require('readline');
const [library, socket, number] = process.argv.slice(2);
const say = (step, value) => console.log(JSON.stringify({ step, value: String(value) }));

async function open() {
  if (library.startsWith('ioredis')) {
    const Redis = require(library);
    const client = new Redis(socket, { connectionName: 'interop' });
    client.on('error', (e) => say('client_error', e.message));
    return { call: (...a) => client.call(...a), many: (list) => Promise.all(list.map((a) => client.call(...a))),
             quit: () => client.quit() };
  }
  const [name, cached] = library.split('+');
  const cache = cached ? { RESP: 3, clientSideCache: { ttl: 60000, maxEntries: 100 }, emitInvalidate: false } : {};
  const client = require(name).createClient({ socket: { path: socket }, name: 'interop', ...cache });
  client.on('error', (e) => say('client_error', e.message));
  await client.connect();
  return { call: (...a) => client.sendCommand(a), many: (list) => Promise.all(list.map((a) => client.sendCommand(a))),
           quit: () => client.close() };
}

async function attempt(step, promise) {
  try { say(step, await promise); } catch (e) { say(step, 'error: ' + e.message); }
}

async function main() {
  const otp = await open();
  const id = await otp.call('OTP.SEND', number, 'PURPOSE', 'login', 'REQID', 'interop-' + number);
  say('id', id);
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const code = (await lines.next()).value.trim();
  const wrong = code === '000000' ? '111111' : '000000';
  await attempt('wrong', otp.call('OTP.VERIFY', id, wrong));
  await attempt('badarg', otp.call('OTP.SEND', number, 'REQIT', 'x'));
  await attempt('right', otp.call('OTP.VERIFY', id, code));
  await attempt('again', otp.call('OTP.VERIFY', id, code));
  const many = await otp.many(Array.from({ length: 200 }, (_, i) => ['ECHO', String(i)]));
  say('pipeline', many.every((v, i) => v === String(i)));
  await attempt('state', otp.call('OTP.STATUS', id, 'FIELD', 'state'));
  const map = await otp.call('OTP.STATUS', id);
  say('map', JSON.stringify(Array.isArray(map) ? map : map instanceof Map ? [...map].flat() : Object.entries(map).flat()));
  await otp.quit();
  process.exit(0);
}
main().catch((e) => { say('fatal', e.stack); process.exit(1); });
