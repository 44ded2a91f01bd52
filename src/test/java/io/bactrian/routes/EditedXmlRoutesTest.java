package io.bactrian.routes;

import org.junit.jupiter.api.Tag;

/** Edits of the files in {@code routes/xml/}. */
@Tag("system")
class EditedXmlRoutesTest extends EditedRoutesTest {
    @Override
    TestHub.Dsl dsl() {
        return TestHub.Dsl.XML;
    }

    @Override
    String deliverStep() {
        return "<bean ref=\"bactrianFeed\" method=\"deliver\"/>";
    }

    @Override
    String sendStep() {
        return "<filter>\n        <simple>${body} != null</simple>";
    }

    @Override
    String journalStep() {
        return "      <to uri=\"journal:hub\"/>\n";
    }

    @Override
    String retransmitInterval(String intervalMs) {
        return "trigger.repeatInterval=" + intervalMs;
    }

    @Override
    String throwStep() {
        return filter("<throwException exceptionType=\"java.lang.IllegalStateException\" message=\"broken\"/>");
    }

    @Override
    String stopStep() {
        return filter("<stop/>");
    }

    private static String filter(String step) {
        return "<filter><method ref=\"times\" method=\"more\"/>" + step + "</filter>";
    }

    @Override
    String onlyWhatIsNotSecret(String text) {
        return framed(
                text,
                deliverStep(),
                "    </split>",
                "<filter><simple>${body.topic} != 'secret'</simple>",
                0,
                "</filter>");
    }
}
