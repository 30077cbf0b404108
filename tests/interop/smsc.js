// An SMSC made of the npm package `smpp`: prints its port, then a JSON line for each SMS; answers with ids of its own and
// a receipt. Destinations that end in 45 are refused with 0x45 ESME_RSUBMITFAIL.
'use strict';
const smpp = require('smpp');
let next = 1000;
const server = smpp.createServer({}, (session) => {
  session.on('error', () => {});
  session.on('bind_transceiver', (pdu) => session.send(pdu.response(
    pdu.system_id === 'otpgw' && pdu.password === 'secret' ? { system_id: 'npm' } : { command_status: smpp.ESME_RINVPASWD })));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    if (pdu.destination_addr.endsWith('45')) {
      session.send(pdu.response({ command_status: smpp.ESME_RSUBMITFAIL }));
      return;
    }
    const id = 'A' + (next++);
    session.send(pdu.response({ message_id: id }));
    console.log(JSON.stringify({ to: pdu.destination_addr, from: pdu.source_addr, text: pdu.short_message.message,
      validity: pdu.validity_period ? String(pdu.validity_period) : '', registered: pdu.registered_delivery }));
    session.deliver_sm({ esm_class: 4, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
      receipted_message_id: id, message_state: 2,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:` },
      (resp) => console.log(JSON.stringify({ receipt: resp.command_status })));
  });
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
