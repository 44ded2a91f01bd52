package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Content;
import io.bactrian.discovery.core.NodeView;
import io.bactrian.support.context.FiguresDevConsole;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.util.json.JsonObject;

/**
 * How the discovery's router of this context stands: {@code /q/dev/discovery}. Figures, the routers, how many nodes have each
 * status, what was noticed. With {@code nodes=true} also the nodes.
 */
@DevConsole(name = "discovery", description = "The discovery's router: figures, routers, nodes and notices")
public final class DiscoveryDevConsole extends FiguresDevConsole {
    private static final String NODES = "nodes";

    public DiscoveryDevConsole() {
        super("discovery", "Discovery", "The discovery's router: figures, routers, nodes and notices");
    }

    @Override
    protected Map<String, Object> describe(Map<String, Object> options) {
        RouterNode router = getCamelContext().getCamelContextExtension().getContextPlugin(RouterNode.class);
        Map<String, Object> all = new LinkedHashMap<>();
        if (router == null) {
            all.put("discovery", "no router of the discovery runs in this process");
            return all;
        }
        all.put("id", router.id());
        all.put("gossip", router.gossipAddress());
        all.putAll(router.figures());
        List<NodeView> nodes = router.nodes();
        Map<String, Object> statuses = new TreeMap<>();
        nodes.forEach(node -> statuses.merge(node.status().name(), 1L, (a, b) -> (Long) a + (Long) b));
        all.put("statuses", new JsonObject(statuses));
        all.put(
                "members",
                router.routers().stream().map(DiscoveryDevConsole::router).toList());
        all.put("notices", new JsonObject(router.notices().counts()));
        all.put(
                "newest",
                router.notices().newest().stream().map(JsonObject::new).toList());
        if (Boolean.parseBoolean(String.valueOf(options.get(NODES)))) {
            all.put("all", nodes.stream().map(RegistrationJson::shown).toList());
        }
        return all;
    }

    private static JsonObject router(Content.Router router) {
        JsonObject one = new JsonObject();
        one.put("id", router.id());
        one.put("gossip", router.gossip());
        one.put("state", router.state().name());
        return one;
    }
}
