package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.util.StringHelper;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What an editor of {@code application.properties} completes in Spring Boot says what the metadata of our components says;
 * {@code -Dbactrian.docs.write=true} writes it anew.
 */
class SpringBootMetadataTest {
    private static final String GENERATED = "src/generated/resources/META-INF/";
    private static final Map<String, String> BOXED =
            Map.of("boolean", "java.lang.Boolean", "int", "java.lang.Integer", "long", "java.lang.Long");

    @ParameterizedTest
    @CsvSource({
        GENERATED + "spring-configuration-metadata.json, zeromq/zeromq journal/journal pubsub/client/bactrian",
        // That of the jar of the component alone.
        "src/assembly/spring-configuration-metadata.json, zeromq/zeromq"
    })
    void theFileShowsEveryOptionOfTheComponents(Path file, String components) throws Exception {
        JsonObject wanted = new JsonObject();
        List<String> parts = List.of("groups", "properties", "hints");
        parts.forEach(part -> wanted.put(part, new JsonArray()));
        for (String component : components.split(" ")) {
            JsonObject described = describe(component);
            parts.forEach(part -> wanted.<JsonArray>getCollection(part).addAll(described.getCollection(part)));
        }
        String text = Jsoner.prettyPrint(wanted.toJson()) + "\n";
        Path path = Project.ROOT.resolve(file);
        if (Boolean.getBoolean("bactrian.docs.write")) {
            Files.writeString(path, text);
        }
        assertThat(Files.readString(path))
                .as(file + " is behind the components:"
                        + " mvn test -Dtest=SpringBootMetadataTest -Dbactrian.docs.write=true")
                .isEqualTo(text);
    }

    private static JsonObject describe(String component) throws IOException, DeserializationException {
        JsonObject model = (JsonObject) Jsoner.deserialize(
                Files.readString(Project.ROOT.resolve(GENERATED + "io/bactrian/" + component + ".json")));
        JsonObject head = model.getMap("component");
        String prefix = "camel.component." + head.getString("scheme");
        JsonArray properties = new JsonArray();
        JsonArray hints = new JsonArray();
        properties.add(property(
                prefix + ".enabled",
                "java.lang.Boolean",
                "Whether the properties " + prefix + ".* are the options of the component.",
                true));
        Map<String, JsonObject> options = model.getMap("componentProperties");
        options.forEach((option, described) -> {
            String name = prefix + "." + StringHelper.camelCaseToDash(option);
            properties.add(property(name, type(described), described.getString("description"), preset(described)));
            if (described.get("enum") != null) {
                hints.add(hint(name, (JsonArray) described.get("enum")));
            }
        });
        JsonObject group = new JsonObject();
        group.put("name", prefix);
        group.put("type", head.getString("javaType"));
        group.put("description", head.getString("description"));
        return new JsonObject(
                Map.of("groups", new JsonArray(List.of(group)), "properties", properties, "hints", hints));
    }

    private static JsonObject property(String name, String type, String description, Object preset) {
        JsonObject property = new JsonObject();
        property.put("name", name);
        property.put("type", type);
        property.put("description", description);
        if (preset != null) {
            property.put("defaultValue", preset);
        }
        return property;
    }

    private static String type(JsonObject option) {
        String type = option.getString("javaType");
        return option.getString("type").equals("duration") ? "java.time.Duration" : BOXED.getOrDefault(type, type);
    }

    private static Object preset(JsonObject option) {
        if (option.getString("javaType").equals("java.lang.Boolean")) {
            // Camel's metadata says false, but the default is a third state.
            return null;
        }
        Object preset = option.get("defaultValue");
        return preset != null && option.getString("type").equals("duration") ? preset + "ms" : preset;
    }

    private static JsonObject hint(String name, JsonArray values) {
        JsonArray array = new JsonArray();
        values.forEach(value -> array.add(new JsonObject(Map.of("value", value))));
        JsonObject hint = new JsonObject();
        hint.put("name", name);
        hint.put("values", array);
        return hint;
    }
}
