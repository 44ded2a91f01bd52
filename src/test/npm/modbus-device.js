// A field device with Modbus TCP by modbus-serial. Reads commands from the standard input, one JSON object a line. Addresses
// count from 0 here, and from 1 in the files of points.
'use strict';
const readline = require('readline');
const ModbusRTU = require('modbus-serial');

const registers = new Map();
const coils = new Map();

function say(line) {
  process.stdout.write(JSON.stringify(line) + '\n');
}

const vector = {
  getInputRegister: (address) => registers.get('input ' + address) || 0,
  getHoldingRegister: (address) => registers.get(address) || 0,
  getDiscreteInput: (address) => !!coils.get('input ' + address),
  getCoil: (address) => !!coils.get(address),
  setRegister: (address, value) => registers.set(address, value),
  setCoil: (address, value) => coils.set(address, value),
};
const server = new ModbusRTU.ServerTCP(vector, { host: '127.0.0.1', port: Number(process.argv[3]), unitID: 1 });
server.on('initialized', () => say({ event: 'ready' }));

const commands = {
  set: (c) => registers.set(c.address, c.value),
  get: (c) => registers.get(c.address),
  setCoil: (c) => coils.set(c.address, c.value),
  getCoil: (c) => coils.get(c.address),
};
readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const c = JSON.parse(line);
    const result = commands[c.op](c);
    say({ id: c.id, result: c.op.startsWith('get') && result !== undefined ? result : null });
  })
  .on('close', () => process.exit(0));
