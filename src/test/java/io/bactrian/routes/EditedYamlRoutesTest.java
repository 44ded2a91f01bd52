package io.bactrian.routes;

import org.junit.jupiter.api.Tag;

/** Edits of the files in {@code routes/pubsub/}. */
@Tag("system")
class EditedYamlRoutesTest extends EditedRoutesTest {
    @Override
    TestHub.Dsl dsl() {
        return TestHub.Dsl.YAML;
    }

    @Override
    String deliverStep() {
        return "              - bean: { ref: bactrianFeed, method: deliver }";
    }

    @Override
    String sendStep() {
        return "              - filter:\n                  expression: { simple: { expression: \"${body} != null\" } }";
    }

    @Override
    String journalStep() {
        return "              - to: { uri: journal:hub }\n";
    }

    @Override
    String retransmitInterval(String intervalMs) {
        return "trigger.repeatInterval: \"" + intervalMs + "\"";
    }

    @Override
    String throwStep() {
        return filter("throwException: { exceptionType: java.lang.IllegalStateException, message: broken }");
    }

    @Override
    String stopStep() {
        return filter("stop: {}");
    }

    private static String filter(String step) {
        return """
                              - filter:
                                  expression: { method: { ref: times, method: more } }
                                  steps:
                                    - %s
                """.formatted(step);
    }

    @Override
    String onlyWhatIsNotSecret(String text) {
        return framed(text, deliverStep(), "        - bean: { ref: bactrianFeed, method: settle }", """
                              - filter:
                                  expression: { simple: { expression: "${body.topic} != 'secret'" } }
                                  steps:
                """, 8, "");
    }
}
