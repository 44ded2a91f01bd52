package io.bactrian.ship.core;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;

/**
 * How a sender ships.
 *
 * @param target a name below the receiver's folder, or empty for that folder itself
 * @param delete whether files that are not here are deleted there
 * @param hash {@code sha256} or {@code xxh128}: the hash of whole files
 * @param blockBytes size of blocks, a power of two from 512; 0 lets the size of each file decide
 * @param bytesPerSecond the most that is sent in a second; 0 is no limit
 * @param appendOnly patterns of names of files that only ever grow, as {@link java.nio.file.FileSystem#getPathMatcher}
 *     knows them without {@code glob:}
 * @param entriesMax the most files and folders
 * @param giveUpMs a receiver that says nothing for so long is given up
 * @param compress whether literal data are compressed
 */
public record ShipSettings(
        String target,
        boolean delete,
        String hash,
        int blockBytes,
        long bytesPerSecond,
        List<String> appendOnly,
        int entriesMax,
        long giveUpMs,
        boolean compress) {
    public ShipSettings {
        appendOnly = List.copyOf(appendOnly);
        FileHash.Kind.named(hash);
        if (blockBytes != 0
                && (Integer.bitCount(blockBytes) != 1
                        || blockBytes < Blocks.BYTES_MIN
                        || blockBytes > Blocks.BYTES_MAX)) {
            throw new IllegalArgumentException("blockBytes=" + blockBytes + " must be 0 or a power of two from "
                    + Blocks.BYTES_MIN + " to " + Blocks.BYTES_MAX);
        }
        if (bytesPerSecond < 0 || entriesMax < 1 || giveUpMs < 1) {
            throw new IllegalArgumentException("bytesPerSecond=" + bytesPerSecond + " entriesMax=" + entriesMax
                    + " giveUpMs=" + giveUpMs + " must not be negative, nor the last two 0");
        }
    }

    /** Returns the settings that serve most. */
    public static ShipSettings usual() {
        return new ShipSettings("", true, "xxh128", 0, 0, List.of(), 1_000_000, 60_000, true);
    }

    /** The block size for a file. */
    int blockBytesFor(long fileBytes) {
        int block = blockBytes == 0 ? Blocks.size(fileBytes) : blockBytes;
        while (block < Blocks.BYTES_MAX && Blocks.count(fileBytes, block) > Blocks.COUNT_MAX) {
            block <<= 1;
        }
        return block;
    }

    /** Says by name which files only ever grow. */
    Predicate<String> appendOnlyNames() {
        List<PathMatcher> matchers =
                appendOnly.stream().map(ShipSettings::matcher).toList();
        return name -> !matchers.isEmpty()
                && name.chars().allMatch(c -> c > 0 && c < 0x80)
                && matchers.stream().anyMatch(matcher -> matcher.matches(Path.of(name)));
    }

    private static PathMatcher matcher(String pattern) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("appendOnly=" + pattern + " is no pattern: " + e.getDescription()
                    + "; there are commas between patterns, and no comma in one");
        }
    }
}
