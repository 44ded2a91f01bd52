package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large files that the receiver does not have: octets that go as they are, with zeros at any place between them. */
class NewFilesTest {
    private static final int RANDOM_MAX = 700_000;
    private static final int ZEROS_MAX = 300_000;
    private static final int PAGE = 4096;
    private static final Comparator<byte[]> SAME = (a, b) -> a == b ? 0 : 1;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1,true", "2,false", "3,true", "4,false", "5,true", "6,false"})
    void arriveWhole(long seed, boolean compress) throws IOException {
        Random random = new Random(seed);
        Path from = Files.createDirectories(folder.resolve("from"));
        long literals = 0;
        for (int file = 0; file < 6; file++) {
            byte[] content = content(random, file);
            Files.write(from.resolve("f" + file), content);
            literals += content.length;
        }
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.settings = new ShipSettings("", true, "xxh128", 0, 0, List.of(), 1000, 60_000, compress);
            ShipSummary summary = shipped.ship();
            assertThat(summary.problems()).isEmpty();
            shipped.assertEqual();
            assertThat(shipped.refused).isEmpty();
            // Long zeros are told, not sent.
            assertThat(summary.literalBytes()).isBetween(literals / 3, literals - 1);
            // What the sender remembers of them is right: it finds what was moved.
            move(from.resolve("f5"), random);
            shipped.now = shipped.now.plusSeconds(10);
            summary = shipped.ship();
            shipped.assertEqual();
            assertThat(summary.problems()).isEmpty();
            assertThat(summary.literalBytes()).isLessThan(RANDOM_MAX / 4);
        }
    }

    @Test
    void framesAreMadeInArraysOfThoseThatWereSentOnceAndAnswered() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("large"), Shipped.random(1, 40 * Delta.OPS_BYTES));
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.settings = new ShipSettings("", true, "xxh128", 0, 0, List.of(), 1000, 60_000, false);
            Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
            Set<byte[]> sentTwice = Collections.newSetFromMap(new IdentityHashMap<>());
            int frames = 0;
            int again = 0;
            try (ShipSender sender = shipped.sender()) {
                List<byte[]> held = List.of();
                while (!sender.done()) {
                    List<byte[]> sent = new ArrayList<>(held);
                    sent.addAll(sender.next(shipped.nowMs));
                    held = List.of();
                    if (frames > 8 && sentTwice.isEmpty()) {
                        // Nothing of this was heard for a while, and then there are two copies on their way.
                        shipped.nowMs += 30_000;
                        List<byte[]> repeated = sender.next(shipped.nowMs);
                        sentTwice.addAll(sent);
                        assertThat(sent).isNotEmpty();
                        assertThat(repeated).hasSizeGreaterThanOrEqualTo(sent.size());
                        assertThat(repeated.subList(0, sent.size()))
                                .usingElementComparator(SAME)
                                .isEqualTo(sent);
                        held = List.copyOf(repeated.subList(sent.size(), repeated.size()));
                    } else {
                        sent.forEach(
                                frame -> assertThat(sentTwice.contains(frame)).isFalse());
                    }
                    for (byte[] frame : sent) {
                        boolean large = frame.length > Delta.OPS_BYTES;
                        frames += large ? 1 : 0;
                        again += large && !arrays.add(frame) ? 1 : 0;
                        byte[] answer = shipped.receive(frame);
                        if (answer != null) {
                            sender.receive(answer, shipped.nowMs);
                        }
                    }
                    shipped.nowMs++;
                }
                assertThat(sender.failure()).isNull();
                assertThat(sender.summary().problems()).isEmpty();
            }
            assertThat(sentTwice).isNotEmpty();
            assertThat(again).isGreaterThan(20);
            shipped.assertEqual();
        }
    }

    /** The first two are of whole frames, and one octet more. */
    private static byte[] content(Random random, int file) {
        if (file < 2) {
            byte[] whole = new byte[4 * Delta.OPS_BYTES + file];
            random.nextBytes(whole);
            return whole;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int piece = 0; piece < 6; piece++) {
            byte[] octets = new byte[random.nextInt(RANDOM_MAX)];
            random.nextBytes(octets);
            content.writeBytes(octets);
            int zeros = random.nextInt(ZEROS_MAX);
            content.writeBytes(new byte[random.nextBoolean() ? zeros : zeros / PAGE * PAGE]);
        }
        return content.toByteArray();
    }

    private static void move(Path file, Random random) throws IOException {
        byte[] former = Files.readAllBytes(file);
        byte[] more = new byte[1 + random.nextInt(1_000)];
        random.nextBytes(more);
        ByteArrayOutputStream moved = new ByteArrayOutputStream();
        moved.writeBytes(more);
        moved.writeBytes(former);
        Files.write(file, moved.toByteArray());
    }
}
