package io.bactrian.routes;

import org.junit.jupiter.api.Tag;

/** The hub as {@code routes/xml/} has it. */
@Tag("system")
class HubInXmlTest extends HubTest {
    @Override
    TestHub.Dsl dsl() {
        return TestHub.Dsl.XML;
    }
}
