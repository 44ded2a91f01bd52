package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a receiver's own, what is only named so, and receivers and senders that lie in one another's folders. */
class ShippedFolderRightsTest {
    @TempDir
    Path folder;

    private Path from;
    private Path into;

    @BeforeEach
    void prepare() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        Files.createDirectories(from.resolve("sub"));
        Files.writeString(from.resolve("sub/file"), "file");
        Files.writeString(from.resolve("zfile"), "last");
    }

    @ParameterizedTest
    @ValueSource(strings = {".bactrian-ship", ".Bactrian-Ship", ".BACTRIAN-SHIP", ".bactrian-ship.", ".bactrian-ship "})
    void aFileNamedLikeTheReceiversFolderIsToldAndTheRestIsShipped(String name) throws Exception {
        Files.writeString(from.resolve(name), "user's");
        assertRestIsShipped();
    }

    @ParameterizedTest
    @ValueSource(strings = {".bactrian-ship", ".Bactrian-Ship", ".bactrian-ship.."})
    void aFolderNamedLikeTheReceiversIsToldAndTheRestIsShipped(String name) throws Exception {
        Files.createDirectories(from.resolve(name));
        Files.writeString(from.resolve(name).resolve("file"), "user's");
        assertRestIsShipped();
    }

    private void assertRestIsShipped() throws IOException {
        try (Shipped shipped = new Shipped(from, into)) {
            for (int round = 0; round < 2; round++) {
                ShipSummary summary = shipped.ship();
                assertThat(summary.problems()).singleElement().asString().contains("belongs to the receiver");
                assertThat(into.resolve("sub/file")).hasContent("file");
                assertThat(into.resolve("zfile")).hasContent("last");
            }
            assertThat(shipped.refused).isEmpty();
        }
    }

    @Test
    void aNameThatIsOnlyPrivateAtTheTopIsShippedBelow() throws Exception {
        Files.createDirectories(from.resolve("sub/.bactrian-ship"));
        Files.writeString(from.resolve("sub/.bactrian-ship/file"), "user's");
        try (Shipped shipped = new Shipped(from, into)) {
            assertThat(shipped.ship().complete()).isTrue();
        }
        assertThat(into.resolve("sub/.bactrian-ship/file")).hasContent("user's");
    }

    @Test
    void partsOfFilesDoNotTravelOnInAChain() throws Exception {
        Path middle = folder.resolve("middle");
        try (Shipped first = new Shipped(from, middle.resolve("received"));
                Shipped second = new Shipped(middle, into)) {
            second.session = 500;
            first.ship();
            Path own = middle.resolve("received").resolve(Names.PRIVATE);
            Files.writeString(own.resolve("0123456789abcdef.part"), "half of a file");
            assertThat(second.ship().complete()).isTrue();
            assertThat(into.resolve("received/sub/file")).hasContent("file");
            assertThat(into.resolve("received").resolve(Names.PRIVATE)).doesNotExist();
            assertThat(own.resolve("lock")).exists();
        }
    }

    @Test
    void aReceiversFolderBelowOneThatIsReceivedIsNotTouched() throws Exception {
        Path below = into.resolve("sub");
        try (Shipped inner = new Shipped(from.resolve("sub"), below);
                Shipped outer = new Shipped(from, into)) {
            outer.session = 500;
            inner.ship();
            assertThat(outer.ship().complete()).isTrue();
            assertThat(below.resolve(Names.PRIVATE).resolve("lock")).exists();
            assertThat(outer.ship().complete()).isTrue();
            assertThat(inner.ship().complete()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"copy", "sub/copy"})
    void aReceiverInsideTheFolderThatIsShippedIsLeftOut(String name) throws Exception {
        Path copy = Files.createDirectories(from.resolve(name));
        try (Shipped shipped = new Shipped(from, copy)) {
            for (int round = 0; round < 3; round++) {
                ShipSender sender = shipped.sender();
                while (!sender.done()) {
                    shipped.exchange(sender);
                }
                assertThat(sender.failure()).isNull();
                assertThat(sender.receiverInside()).isEqualTo(name);
                assertThat(sender.summary().complete()).isTrue();
                assertThat(sender.summary().files()).isEqualTo(2);
                assertThat(copy.resolve("zfile")).hasContent("last");
                assertThat(copy.resolve("sub/file")).hasContent("file");
                assertThat(copy.resolve(name)).doesNotExist();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ".."})
    void aReceiverOfTheVeryFolderOrOfOneAboveItIsRefusedBeforeItDeletes(String where) throws Exception {
        Path above = from.resolve(where).normalize();
        assumeThat(above).isNotEqualTo(folder.getParent());
        Files.writeString(folder.resolve("other"), "other");
        try (Shipped shipped = new Shipped(from, above)) {
            ShipSender sender = shipped.sender();
            while (!sender.done()) {
                shipped.exchange(sender);
            }
            assertThat(sender.failure()).isNotNull();
            assertThat(sender.failure().reason()).isEqualTo(ShipErrorCode.IN_THE_WAY);
            assertThat(sender.failure().text()).contains("receive into another folder");
        }
        assertThat(from.resolve("sub/file")).hasContent("file");
        assertThat(folder.resolve("other")).hasContent("other");
    }
}
