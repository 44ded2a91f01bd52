package io.bactrian.federation.opcua;

import java.util.HashMap;
import java.util.Map;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.Reference.Direction;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNodeContext;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;

/**
 * The variables and folders of a namespace: the variable {@code tunnel.fan.speed} is in the folder {@code tunnel.fan/}, which
 * is in the folder {@code tunnel/}. A folder is there as long as something is in it. For one thread at a time.
 */
final class StateTree {
    /** What the node id of a folder ends with, which tells it from a variable of the same name. */
    static final String FOLDER = "/";

    private static final UByte ACCESS =
            AccessLevel.toValue(AccessLevel.CurrentRead, AccessLevel.CurrentWrite, AccessLevel.HistoryRead);

    private static final class Folder {
        private final UaFolderNode node;
        private int members;

        private Folder(UaFolderNode node) {
            this.node = node;
        }
    }

    private final UaNodeContext context;
    private final UShort namespace;
    private final int nodesMax;
    private final Map<String, Folder> folders = new HashMap<>();
    private final Map<String, UaVariableNode> variables = new HashMap<>();

    /**
     * A tree with its top folder, which stands in the folder of all objects.
     *
     * @param top the name of the top folder
     * @param nodesMax the most variables and folders
     */
    StateTree(UaNodeContext context, UShort namespace, String top, int nodesMax) {
        this.context = context;
        this.namespace = namespace;
        this.nodesMax = nodesMax;
        UaFolderNode node = folder("", top);
        node.addReference(new Reference(
                node.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), Direction.INVERSE));
        folders.put("", new Folder(node));
    }

    /** The node id of a key. */
    NodeId nodeId(String key) {
        return new NodeId(namespace, key);
    }

    /** Whether there is room for a key that is not in the tree. */
    boolean hasRoom(String key) {
        int missing = 1;
        for (String path = parent(key); !folders.containsKey(path); path = parent(path)) {
            missing++;
        }
        return variables.size() + folders.size() + missing <= nodesMax;
    }

    /** Sets the value of a variable, and makes it if it is not there. */
    void put(String key, DataValue value, NodeId dataType) {
        UaVariableNode known = variables.get(key);
        if (known != null) {
            if (!known.getDataType().equals(dataType)) {
                known.setDataType(dataType);
            }
            known.setValue(value);
            return;
        }
        UaVariableNode made = UaVariableNode.build(
                context,
                builder -> builder.setNodeId(nodeId(key))
                        .setBrowseName(new QualifiedName(namespace, name(key)))
                        .setDisplayName(LocalizedText.english(name(key)))
                        .setDataType(dataType)
                        .setTypeDefinition(NodeIds.BaseDataVariableType)
                        .setAccessLevel(ACCESS)
                        .setUserAccessLevel(ACCESS)
                        .setMinimumSamplingInterval(0.0)
                        .setValue(value)
                        .build());
        context.getNodeManager().addNode(made);
        variables.put(key, made);
        enter(parent(key), made);
    }

    private void enter(String path, UaNode member) {
        Folder folder = folders.get(path);
        if (folder == null) {
            folder = new Folder(folder(path + FOLDER, name(path)));
            folders.put(path, folder);
            enter(parent(path), folder.node);
        }
        folder.members++;
        folder.node.addOrganizes(member);
    }

    private UaFolderNode folder(String id, String name) {
        UaFolderNode node = new UaFolderNode(
                context,
                new NodeId(namespace, id.isEmpty() ? FOLDER : id),
                new QualifiedName(namespace, name),
                LocalizedText.english(name));
        context.getNodeManager().addNode(node);
        return node;
    }

    /** Takes a variable out, and the folders that are then empty. */
    void remove(String key) {
        UaVariableNode gone = variables.remove(key);
        if (gone != null) {
            gone.delete();
            leave(parent(key));
        }
    }

    private void leave(String path) {
        Folder folder = folders.get(path);
        if (folder != null && --folder.members == 0 && !path.isEmpty()) {
            folders.remove(path);
            folder.node.delete();
            leave(parent(path));
        }
    }

    private static String parent(String key) {
        int dot = key.lastIndexOf('.');
        return dot < 0 ? "" : key.substring(0, dot);
    }

    private static String name(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
