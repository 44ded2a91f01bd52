// A client of OPC UA by node-opcua. Reads commands from the standard input, one JSON object a line, and answers each by a line
// with its id; changes of monitored items come as lines with "event".
'use strict';
const path = require('path');
const readline = require('readline');
const opcua = require('node-opcua');

const pki = process.argv[2];
const clients = new Map();

function say(line) {
  process.stdout.write(JSON.stringify(line) + '\n');
}

function plain(variant) {
  const value = variant === null || variant === undefined ? null : variant.value;
  return value === undefined ? null : value;
}

function shown(dataValue) {
  return {
    value: plain(dataValue.value),
    type: dataValue.value ? opcua.DataType[dataValue.value.dataType] : null,
    status: dataValue.statusCode.name,
    source: dataValue.sourceTimestamp ? dataValue.sourceTimestamp.getTime() : null,
    server: dataValue.serverTimestamp ? dataValue.serverTimestamp.getTime() : null,
  };
}

const manager = new opcua.OPCUACertificateManager({
  rootFolder: pki,
  automaticallyAcceptUnknownCertificate: true,
});

async function open(name, url, options) {
  await manager.initialize();
  const client = opcua.OPCUAClient.create({
    applicationName: 'peer',
    clientCertificateManager: manager,
    certificateFile: path.join(pki, 'certificate.pem'),
    securityPolicy: opcua.SecurityPolicy[options.policy || 'None'],
    securityMode: opcua.MessageSecurityMode[options.mode || 'None'],
    endpointMustExist: false,
    requestedSessionTimeout: 20000,
    connectionStrategy: { maxRetry: options.retry === undefined ? 0 : options.retry, initialDelay: 50, maxDelay: 200 },
  });
  await client.connect(url);
  try {
    const identity = options.user
      ? { type: opcua.UserTokenType.UserName, userName: options.user, password: options.password }
      : undefined;
    const session = await client.createSession(identity);
    clients.set(name, { client, session });
    return session;
  } catch (e) {
    await client.disconnect();
    throw e;
  }
}

async function subscribe(session) {
  return await session.createSubscription2({
    requestedPublishingInterval: 20,
    requestedMaxKeepAliveCount: 20,
    requestedLifetimeCount: 1000,
    maxNotificationsPerPublish: 1000,
    publishingEnabled: true,
    priority: 1,
  });
}

async function monitor(subscription, node, mode, each) {
  const item = await subscription.monitor(
    { nodeId: node, attributeId: opcua.AttributeIds.Value },
    { samplingInterval: 0, discardOldest: true, queueSize: 1000 },
    opcua.TimestampsToReturn.Both,
    mode,
  );
  item.on('changed', each);
  return item;
}

// Follows the rules of a redundant server set of the kind Hot: connected to both, reporting by the one with the higher service
// level, sampling by the other; see OPC 10000-4, 6.6.2.4.5.
class Redundant {
  constructor(nodes) {
    this.nodes = nodes;
    this.servers = [];
    this.current = null;
  }

  async start(url) {
    const client = opcua.OPCUAClient.create({
      clientCertificateManager: manager,
      certificateFile: path.join(pki, 'certificate.pem'),
      endpointMustExist: false,
    });
    await client.connect(url);
    const found = await client.findServers();
    await client.disconnect();
    const first = await open('redundant-0', url, { retry: 1000000 });
    const support = await first.read({ nodeId: 'i=3709', attributeId: 13 });
    const uris = await first.read({ nodeId: 'i=11314', attributeId: 13 });
    const urls = uris.value.value.map((uri) => found.find((server) => server.applicationUri === uri).discoveryUrls[0]);
    for (let i = 0; i < urls.length; i++) {
      await this.add(i, urls[i]);
    }
    return { support: support.value.value, uris: uris.value.value, urls };
  }

  async add(index, url) {
    const session = await open('redundant-' + (index + 1), url, { retry: 1000000 });
    const server = { index, session, level: 0, items: [], reporting: false };
    this.servers.push(server);
    const { client } = clients.get('redundant-' + (index + 1));
    client.on('connection_lost', () => this.level(server, 0));
    client.on('close', () => this.level(server, 0));
    const subscription = await subscribe(session);
    for (const node of this.nodes) {
      server.items.push(
        await monitor(subscription, node, opcua.MonitoringMode.Sampling, (value) => {
          if (server === this.current) {
            say({ event: 'redundant', server: index, node, ...shown(value) });
          }
        }),
      );
    }
    await monitor(subscription, 'i=2267', opcua.MonitoringMode.Reporting, (value) =>
      this.level(server, value.value.value),
    );
  }

  level(server, level) {
    server.level = level;
    say({ event: 'level', server: server.index, level });
    const best = this.servers.reduce((a, b) => (b.level > a.level ? b : a));
    if (best !== this.current && best.level >= 200) {
      const former = this.current;
      this.current = best;
      say({ event: 'current', server: best.index });
      best.items.forEach((item) => item.setMonitoringMode(opcua.MonitoringMode.Reporting).catch((e) => say({ event: 'error', error: e.message })));
      if (former) {
        former.items.forEach((item) => item.setMonitoringMode(opcua.MonitoringMode.Sampling).catch(() => {}));
      }
    }
  }
}

const commands = {
  async connect(c) {
    await open(c.name, c.url, c);
  },
  async endpoints(c) {
    const client = opcua.OPCUAClient.create({ endpointMustExist: false, clientCertificateManager: manager, certificateFile: path.join(pki, 'certificate.pem') });
    await client.connect(c.url);
    const found = await client.getEndpoints();
    await client.disconnect();
    return found.map((e) => ({
      policy: e.securityPolicyUri.split('#')[1],
      mode: opcua.MessageSecurityMode[e.securityMode],
      users: e.userIdentityTokens.map((t) => opcua.UserTokenType[t.tokenType]),
    }));
  },
  async browse(c) {
    const result = await clients.get(c.name).session.browse(c.node);
    return result.references.map((r) => ({
      name: r.browseName.name,
      node: r.nodeId.toString(),
      kind: opcua.NodeClass[r.nodeClass],
    }));
  },
  async read(c) {
    const attributeId = opcua.AttributeIds[c.attribute || 'Value'];
    return shown(await clients.get(c.name).session.read({ nodeId: c.node, attributeId }));
  },
  async write(c) {
    const value = { value: { dataType: opcua.DataType[c.type], value: c.value } };
    const status = await clients
      .get(c.name)
      .session.write({ nodeId: c.node, attributeId: opcua.AttributeIds.Value, value });
    return status.name;
  },
  async monitor(c) {
    const entry = clients.get(c.name);
    entry.subscription = entry.subscription || (await subscribe(entry.session));
    const item = await monitor(entry.subscription, c.node, opcua.MonitoringMode.Reporting, (value) =>
      say({ event: 'change', name: c.name, node: c.node, ...shown(value) }),
    );
    return item.statusCode ? item.statusCode.name : null;
  },
  async history(c) {
    const results = await clients
      .get(c.name)
      .session.readHistoryValue([{ nodeId: c.node }], new Date(c.start), new Date(c.end), {
        numValuesPerNode: c.count || 0,
        returnBounds: !!c.bounds,
      });
    const result = results[0];
    return {
      status: result.statusCode.name,
      more: !!(result.continuationPoint && result.continuationPoint.length),
      values: result.historyData && result.historyData.dataValues ? result.historyData.dataValues.map(shown) : [],
    };
  },
  async redundant(c) {
    return await new Redundant(c.nodes).start(c.url);
  },
  async close(c) {
    const entry = clients.get(c.name);
    await entry.session.close();
    await entry.client.disconnect();
  },
};

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const command = JSON.parse(line);
  try {
    const result = await commands[command.op](command);
    say({ id: command.id, result: result === undefined ? null : result });
  } catch (e) {
    say({ id: command.id, error: String(e.message || e) });
  }
}).on('close', () => process.exit(0));
say({ event: 'ready' });
