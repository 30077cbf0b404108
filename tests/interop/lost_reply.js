// Sends one OTP.SEND with a client's default settings through a socket that drops the first connection after the request
// was read: node lost_reply.js LIBRARY SOCKET NUMBER. Prints the id that the caller gets in the end.
'use strict';
const [library, socket, number] = process.argv.slice(2);
const Redis = require(library);
const client = new Redis(socket);
client.on('error', () => {});
client.call('OTP.SEND', number, 'PURPOSE', 'login')
  .then((id) => { console.log(JSON.stringify({ id })); process.exit(0); })
  .catch((e) => { console.log(JSON.stringify({ error: e.message })); process.exit(0); });
