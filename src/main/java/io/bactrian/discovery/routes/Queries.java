package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Content;
import io.bactrian.discovery.core.NodeStatus;
import io.bactrian.discovery.core.NodeView;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import java.util.List;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Answers who is registered: over ZeroMQ and over HTTP, with the same JSON. */
public final class Queries {
    private static final int NODES_MAX = 1_000;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private final RouterNode router;

    Queries(RouterNode router) {
        this.router = router;
    }

    /**
     * Answers a query.
     *
     * @param query the fields {@code what} (nodes, routers or assignments), {@code id, service, group, kind, capability, channel,
     *     status, after} and {@code limit}, all optional
     * @throws RequestRefusedException if a field is wrong
     */
    String answer(JsonObject query) {
        String what = RegistrationJson.text(query, "what");
        return switch (what) {
            case "", "nodes" -> nodes(field -> RegistrationJson.text(query, field));
            case "routers" -> routersJson();
            case "assignments" -> assignmentsJson(RegistrationJson.text(query, "group"));
            default -> throw new RequestRefusedException("what must be nodes, routers or assignments");
        };
    }

    /** All nodes as they are shown over HTTP, by id. */
    public List<JsonObject> shown() {
        return router.nodes().stream().map(RegistrationJson::shown).toList();
    }

    private interface Fields {
        String get(String field);
    }

    private String nodes(Fields query) {
        String after = query.get("after");
        int limit = limit(query.get("limit"));
        Predicate<NodeView> filter = filter(query);
        JsonArray found = new JsonArray();
        String next = "";
        for (NodeView view : router.nodes()) {
            if (view.node().id().compareTo(after) <= 0 || !filter.test(view)) {
                continue;
            }
            if (found.size() == limit) {
                next = ((JsonObject) found.get(limit - 1)).getString("id");
                break;
            }
            found.add(RegistrationJson.shown(view));
        }
        JsonObject json = RegistrationJson.wrapped("nodes", found);
        json.put("router", router.id());
        if (!next.isEmpty()) {
            json.put("next", next);
        }
        return json.toJson();
    }

    private static int limit(String text) {
        if (text.isEmpty()) {
            return NODES_MAX;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= NODES_MAX) {
                return limit;
            }
        } catch (NumberFormatException e) {
            throw new RequestRefusedException("limit must be a whole number");
        }
        throw new RequestRefusedException("limit must be from 1 to " + NODES_MAX);
    }

    private static Predicate<NodeView> filter(Fields query) {
        String id = query.get("id");
        String service = query.get("service");
        String group = query.get("group");
        String kind = query.get("kind");
        String capability = query.get("capability");
        String channel = query.get("channel");
        NodeStatus status = RegistrationJson.status(query.get("status"));
        return view -> {
            Registration node = view.node();
            return fits(id, node.id())
                    && (service.isEmpty()
                            || service.equals(node.id())
                            || node.capabilities().contains(service))
                    && fits(group, node.group())
                    && fits(kind, node.kind())
                    && fits(channel, node.channel())
                    && (capability.isEmpty() || node.capabilities().contains(capability))
                    && (status == null || view.status() == status);
        };
    }

    private static boolean fits(String wanted, String value) {
        return wanted.isEmpty() || wanted.equals(value);
    }

    private String routersJson() {
        JsonArray all = new JsonArray();
        for (Content.Router one : router.routers()) {
            JsonObject json = new JsonObject();
            json.put("id", one.id());
            json.put("gossip", one.gossip());
            json.put("register", one.register());
            json.put("publications", one.publications());
            json.put("state", one.state().name());
            all.add(json);
        }
        return RegistrationJson.wrapped("routers", all).toJson();
    }

    private String assignmentsJson(String group) {
        JsonArray all = new JsonArray();
        for (Content.Assignment one : router.assignments()) {
            if (fits(group, one.group())) {
                JsonObject json = new JsonObject();
                json.put("group", one.group());
                json.put("coverage", one.coverage());
                json.put("holder", one.holder());
                json.put("former", one.former());
                all.add(json);
            }
        }
        return RegistrationJson.wrapped("assignments", all).toJson();
    }

    /** HTTP: the nodes that fit the parameters. */
    public void httpNodes(Exchange exchange) {
        reply(exchange, () -> nodes(field -> parameter(exchange, field)));
    }

    /** HTTP: the node that the path names. */
    public void httpNode(Exchange exchange) {
        try {
            NodeView view = router.node(parameter(exchange, "id"));
            if (view == null) {
                problem(exchange, NOT_FOUND, "no node with this id is known");
            } else {
                respond(exchange, null, RegistrationJson.shown(view).toJson());
            }
        } catch (RequestRefusedException e) {
            problem(exchange, BAD_REQUEST, e.reason());
        }
    }

    /** HTTP: all routers. */
    public void httpRouters(Exchange exchange) {
        reply(exchange, this::routersJson);
    }

    /** HTTP: who does what. */
    public void httpAssignments(Exchange exchange) {
        reply(exchange, () -> assignmentsJson(parameter(exchange, "group")));
    }

    private static String parameter(Exchange exchange, String field) {
        Object value = exchange.getIn().getHeader(field);
        if (value instanceof List<?> several) {
            throw new RequestRefusedException("'" + field + "' is given " + several.size() + " times");
        }
        return value == null ? "" : value.toString();
    }

    private interface Answer {
        String get();
    }

    private static void reply(Exchange exchange, Answer answer) {
        try {
            respond(exchange, null, answer.get());
        } catch (RequestRefusedException e) {
            problem(exchange, BAD_REQUEST, e.reason());
        }
    }

    private static void problem(Exchange exchange, int status, String text) {
        respond(exchange, status, RegistrationJson.wrapped("error", text).toJson());
    }

    private static void respond(Exchange exchange, @Nullable Integer status, String json) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        if (status != null) {
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        }
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setBody(json);
    }
}
