package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Action;
import org.apache.camel.Body;
import org.apache.camel.util.json.JsonObject;

/** Makes of changes what is published on topics and told to those who watch over HTTP. */
public final class Announcer {
    private final RouterNode router;

    Announcer(RouterNode router) {
        this.router = router;
    }

    /** A change of a node as JSON; those who watch over HTTP hear of it. */
    public String change(@Body NodeEvent event) {
        String json = event.json();
        router.watchers().tell(event.what(), json);
        return json;
    }

    /** An assignment as JSON: {@code {"group", "coverage", "holder", "former", "version"}}. */
    public String assignment(@Body Action.Assigned assigned) {
        JsonObject json = new JsonObject();
        json.put("group", assigned.assignment().group());
        json.put("coverage", assigned.assignment().coverage());
        json.put("holder", assigned.assignment().holder());
        json.put("former", assigned.assignment().former());
        json.put("version", assigned.version());
        String text = json.toJson();
        router.watchers().tell("assigned", text);
        return text;
    }
}
