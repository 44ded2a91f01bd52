package io.bactrian.routes;

/** The hub as {@code routes/xml/} has it. */
class HubInXmlTest extends HubTest {
    @Override
    TestHub.Dsl dsl() {
        return TestHub.Dsl.XML;
    }
}
