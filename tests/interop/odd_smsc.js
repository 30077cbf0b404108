// An SMSC made of the npm package `smpp` that answers as odd telcos do. By the end of the destination: 990400, 990148 (0x94)
// and 990011 are refused with that status and an id; 990069 is accepted, and its receipt tells a failure; all others are
// delivered. Responses and receipts carry TLVs that no standard knows; a receipt is spelt as no standard spells it.
'use strict';
const smpp = require('smpp');
for (const id of [0x0428, 0x2001, 0x3177])
  smpp.addTLV('odd_' + id.toString(16), { id, type: id === 0x0428 ? smpp.types.tlv.int8 : smpp.types.tlv.buffer });
const odd = () => ({ odd_428: 42, odd_2001: Buffer.from('5000'), odd_3177: Buffer.alloc(300, 0xff) });
const refused = { 990400: 0x400, 990148: 0x94, 990011: 0x0b };
let next = 0xa000;
const server = smpp.createServer({}, (session) => {
  session.on('error', (error) => console.error(error.message));
  session.on('bind_transceiver', (pdu) => session.send(pdu.response({ system_id: 'odd', ...odd() })));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const end = pdu.destination_addr.slice(-6);
    if (refused[end]) { // the package leaves the body of an error out: its octets, with the status put in
      const answer = pdu.response({ message_id: '0A000000A3D323A1', ...odd() }).toBuffer();
      answer.writeUInt32BE(refused[end], 8);
      session.socket.write(answer);
      return;
    }
    const id = (next++).toString(16);
    session.send(pdu.response({ message_id: '00' + id.toUpperCase(), ...odd() }));
    const fate = end === '990069' ? 'stat:undeliv err:69' : 'stat:delivrd err:nul';
    session.deliver_sm({ esm_class: 4, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, ...odd(),
      short_message: `ID:${id} Submit Date:20260101000000 Done Date:2601010000+ ${fate} Text:` },
      (resp) => console.log(JSON.stringify({ to: pdu.destination_addr, receipt: resp.command_status })));
  });
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
