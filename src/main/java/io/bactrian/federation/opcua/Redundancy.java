package io.bactrian.federation.opcua;

import java.util.List;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultDiscoveryServiceSet;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.RedundancySupport;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.FindServersRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.FindServersResponse;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;

/**
 * Shows the two servers of a pair as one redundant server set of the kind Hot, not transparent: both serve the state, and the
 * service level says which one acts. Source: OPC 10000-4, 6.6.2.
 */
final class Redundancy {
    /** The process acts for its node. */
    static final int ACTIVE = 255;
    /** The process does not act, and follows its peer. */
    static final int PASSIVE = 100;
    /** The process does not act, and does not hear its peer: its data are old. */
    static final int CUT_OFF = 10;

    private final OpcUaServer server;

    Redundancy(OpcUaServer server) {
        this.server = server;
    }

    /** Tells clients of both servers. */
    void show(List<String> uris, String peerUri, String peerUrl) {
        variable(NodeIds.Server_ServerRedundancy_RedundancySupport)
                .setValue(new DataValue(Variant.ofInt32(RedundancySupport.Hot.getValue())));
        UaNode redundancy = node(NodeIds.Server_ServerRedundancy);
        List<Reference> types = redundancy.getReferences().stream()
                .filter(reference ->
                        reference.isForward() && reference.getReferenceTypeId().equals(NodeIds.HasTypeDefinition))
                .toList();
        types.forEach(redundancy::removeReference);
        redundancy.addReference(new Reference(
                redundancy.getNodeId(),
                NodeIds.HasTypeDefinition,
                NodeIds.NonTransparentRedundancyType.expanded(),
                Reference.Direction.FORWARD));
        UaVariableNode array = variable(NodeIds.Server_ServerRedundancy_ServerUriArray);
        array.setValue(new DataValue(Variant.of(uris.toArray(String[]::new))));
        boolean there = redundancy.getReferences().stream()
                .anyMatch(reference -> reference.isForward()
                        && reference.getTargetNodeId().equals(array.getNodeId().expanded()));
        if (!there) {
            redundancy.addReference(new Reference(
                    redundancy.getNodeId(),
                    NodeIds.HasProperty,
                    array.getNodeId().expanded(),
                    Reference.Direction.FORWARD));
        }
        if (!peerUrl.isEmpty()) {
            server.getServerTable().add(peerUri);
            server.addServiceSet("/", new WithPeer(server, peerUri, peerUrl));
        }
    }

    /** Tells clients how well this server serves. */
    void level(int level) {
        UaVariableNode node = variable(NodeIds.Server_ServiceLevel);
        if (!node.getValue().value().equals(Variant.ofByte(UByte.valueOf(level)))) {
            node.setValue(new DataValue(Variant.ofByte(UByte.valueOf(level))));
        }
    }

    private UaNode node(NodeId id) {
        return server.getAddressSpaceManager()
                .getManagedNode(id)
                .orElseThrow(() -> new IllegalStateException("the server has no node " + id));
    }

    private UaVariableNode variable(NodeId id) {
        return (UaVariableNode) node(id);
    }

    /** Names both servers to a client that asks where they are. */
    private static final class WithPeer extends DefaultDiscoveryServiceSet {
        private final String uri;
        private final ApplicationDescription peer;

        private WithPeer(OpcUaServer server, String uri, String url) {
            super(server);
            this.uri = uri;
            this.peer = new ApplicationDescription(
                    uri,
                    server.getConfig().getProductUri(),
                    LocalizedText.english(uri),
                    ApplicationType.Server,
                    null,
                    null,
                    new String[] {url});
        }

        @Override
        public FindServersResponse onFindServers(ServiceRequestContext context, FindServersRequest request) {
            FindServersResponse own = super.onFindServers(context, request);
            String[] wanted = request.getServerUris();
            if (wanted != null && wanted.length > 0 && !List.of(wanted).contains(uri)) {
                return own;
            }
            ApplicationDescription[] known = own.getServers();
            ApplicationDescription[] both = new ApplicationDescription[(known == null ? 0 : known.length) + 1];
            if (known != null) {
                System.arraycopy(known, 0, both, 0, known.length);
            }
            both[both.length - 1] = peer;
            return new FindServersResponse(own.getResponseHeader(), both);
        }
    }
}
