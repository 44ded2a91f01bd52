// A field device with OPC UA by node-opcua. Reads commands from the standard input, one JSON object a line: get, set, writes.
'use strict';
const readline = require('readline');
const opcua = require('node-opcua');

const pki = process.argv[2];
const port = Number(process.argv[3]);
const { DataType, Variant, StatusCodes } = opcua;

function say(line) {
  process.stdout.write(JSON.stringify(line) + '\n');
}

async function main() {
  const manager = new opcua.OPCUACertificateManager({ rootFolder: pki, automaticallyAcceptUnknownCertificate: true });
  await manager.initialize();
  const server = new opcua.OPCUAServer({
    port,
    hostname: '127.0.0.1',
    serverCertificateManager: manager,
    securityPolicies: [opcua.SecurityPolicy.None],
    securityModes: [opcua.MessageSecurityMode.None],
    allowAnonymous: true,
    nodeset_filename: [opcua.nodesets.standard],
  });
  await server.initialize();
  const space = server.engine.addressSpace.getOwnNamespace();
  const folder = space.addFolder('ObjectsFolder', { browseName: 'Plc' });
  const values = {};
  const written = {};
  const add = (name, type, value) => {
    values[name] = value;
    written[name] = 0;
    space.addVariable({
      componentOf: folder,
      browseName: name,
      nodeId: 's=' + name,
      dataType: DataType[type],
      minimumSamplingInterval: 10,
      value: {
        get: () => new Variant({ dataType: DataType[type], value: values[name] }),
        set: (variant) => {
          values[name] = variant.value;
          written[name]++;
          return StatusCodes.Good;
        },
      },
    });
  };
  add('Speed', 'Double', 10.5);
  add('Setpoint', 'Float', 1);
  add('Running', 'Boolean', true);
  add('Life', 'UInt16', 7);
  await server.start();
  readline
    .createInterface({ input: process.stdin })
    .on('line', (line) => {
      const c = JSON.parse(line);
      if (c.op === 'set') {
        values[c.name] = c.value;
      }
      say({ id: c.id, result: c.op === 'writes' ? written[c.name] : values[c.name] });
    })
    .on('close', () => process.exit(0));
  say({ event: 'ready', namespace: space.index });
}

main().catch((e) => {
  process.stderr.write(String(e.stack) + '\n');
  process.exit(1);
});
