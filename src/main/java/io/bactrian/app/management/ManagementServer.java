package io.bactrian.app.management;

import io.bactrian.backup.routes.BackupDevConsole;
import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairDevConsole;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.util.json.JsonObject;

/**
 * Camel's management server with other consoles: of Camel's own, which can send, receive, stop and show everything, only
 * those that read; and actions apart from what reads.
 */
final class ManagementServer extends ManagementHttpServer {
    /** Below it is a path for each console. */
    static final String CONSOLES = "/q/dev";

    /** Below it is a path for each action. */
    static final String ACTIONS = "/q/do";

    /** The consoles that are served, where they are there; all of them only read. */
    static final Set<String> SERVED = Set.of(
            "bactrian",
            BackupDevConsole.ID,
            "zeromq",
            "journal",
            "context",
            "memory",
            "inflight",
            "pair",
            "speed",
            "witness",
            "discovery");

    private static final int ACCEPTED = 202;
    private static final int UNAVAILABLE = 503;
    private static final Map<String, ToLongFunction<CamelContext>> DOES = Map.of(
            "backup", BackupDevConsole::ask,
            "pair-switch", context -> PairDevConsole.act(context, Pair::switchOver),
            "pair-promote", context -> PairDevConsole.act(context, pair -> pair.promote(false)),
            "pair-promote-by-force", context -> PairDevConsole.act(context, pair -> pair.promote(true)));

    /** The paths of all actions. */
    static List<String> actions() {
        return DOES.keySet().stream().map(name -> ACTIONS + "/" + name).toList();
    }

    @Override
    protected void setupDevConsole() {
        getRouter().get(CONSOLES).blockingHandler(this::list, false);
        for (String console : SERVED) {
            getRouter().get(CONSOLES + "/" + console).blockingHandler(exchange -> show(exchange, console), false);
        }
        DOES.forEach((name, action) ->
                getRouter().post(ACTIONS + "/" + name).blockingHandler(exchange -> act(exchange, action), false));
    }

    private Stream<DevConsole> served() {
        DevConsoleRegistry registry =
                getCamelContext().getCamelContextExtension().getContextPlugin(DevConsoleRegistry.class);
        return registry == null
                ? Stream.empty()
                : registry.stream().filter(console -> SERVED.contains(console.getId()));
    }

    private void list(RoutingContext exchange) {
        JsonObject all = new JsonObject();
        served().forEach(console -> all.put(console.getId(), console.getDescription()));
        json(exchange, all);
    }

    private void show(RoutingContext exchange, String id) {
        Optional<DevConsole> console =
                served().filter(it -> it.getId().equals(id)).findFirst();
        if (console.isEmpty()) {
            exchange.response().setStatusCode(404).end("this process has no console " + id + "\n");
            return;
        }
        Map<String, Object> options = new HashMap<>();
        exchange.queryParams().forEach(options::put);
        String accept = exchange.request().getHeader("Accept");
        if (accept != null && accept.contains("json")) {
            JsonObject all = new JsonObject();
            all.put(id, console.get().call(DevConsole.MediaType.JSON, options));
            json(exchange, all);
        } else {
            exchange.response()
                    .putHeader("Content-Type", "text/plain; charset=utf-8")
                    .end(console.get().getDisplayName() + ":\n\n"
                            + console.get().call(DevConsole.MediaType.TEXT, options) + "\n");
        }
    }

    private void act(RoutingContext exchange, ToLongFunction<CamelContext> action) {
        JsonObject answer = new JsonObject();
        try {
            answer.put("request", action.applyAsLong(getCamelContext()));
            exchange.response().setStatusCode(ACCEPTED);
        } catch (IllegalStateException e) {
            answer.put("failed", e.getMessage());
            exchange.response().setStatusCode(UNAVAILABLE);
        }
        json(exchange, answer);
    }

    private static void json(RoutingContext exchange, JsonObject body) {
        exchange.response().putHeader("Content-Type", "application/json").end(body.toJson());
    }
}
