package io.bactrian.ship.core;

import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of files as octets, whatever they are: text here holds one octet in each character. Unix knows names that are not
 * text; Java keeps their octets and shows them only in URIs, so names that are not plain ASCII take that way. On Windows
 * names are UTF-8.
 */
final class Names {
    static final int PATH_BYTES_MAX = 4096;
    static final int PART_BYTES_MAX = 255;
    static final int PARTS_MAX = 256;

    /** Holds what is ours in a folder that is received; never shipped, never written from outside. */
    static final String PRIVATE = ".bactrian-ship";

    private static final boolean UNIX = File.separatorChar == '/';
    private static final String HEX = "0123456789ABCDEF";
    private static final Set<String> DEVICES = Set.of(
            "con",
            "conin$",
            "conout$",
            "prn",
            "aux",
            "nul",
            "com1",
            "com2",
            "com3",
            "com4",
            "com5",
            "com6",
            "com7",
            "com8",
            "com9",
            "com\u00b9",
            "com\u00b2",
            "com\u00b3",
            "lpt1",
            "lpt2",
            "lpt3",
            "lpt4",
            "lpt5",
            "lpt6",
            "lpt7",
            "lpt8",
            "lpt9",
            "lpt\u00b9",
            "lpt\u00b2",
            "lpt\u00b3");

    /** Characters that are none of a name, and ends that are dropped. */
    private static final Pattern NOT_ON_WINDOWS = Pattern.compile("[\\\\:*?\"<>|\\x01-\\x1f]|[. ]\\z");

    private static final Pattern SHORT_FORM = Pattern.compile("[^.]{1,7}~[0-9]+(\\.[^.]{0,3})?");

    private Names() {}

    /** The octets of the last part of a path. */
    static String octets(Path path) {
        String text = String.valueOf(path.getFileName());
        if (isAscii(text)) {
            return text;
        }
        if (!UNIX) {
            return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        }
        String raw = path.toUri().getRawPath();
        String whole = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
        return decode(whole.substring(whole.lastIndexOf('/') + 1));
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7F) {
                return false;
            }
        }
        return true;
    }

    private static String decode(String escaped) {
        StringBuilder text = new StringBuilder(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '%') {
                text.append((char) Integer.parseInt(escaped, i + 1, i + 3, 16));
                i += 2;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /**
     * The path of a checked name below a folder.
     *
     * @throws ShipException {@link ShipErrorCode#BAD_NAME} if this file system has no such name
     */
    static Path below(Path folder, String name) throws ShipException {
        try {
            if (isAscii(name)) {
                return folder.resolve(name);
            }
            if (!UNIX) {
                byte[] octets = name.getBytes(StandardCharsets.ISO_8859_1);
                return folder.resolve(new String(octets, StandardCharsets.UTF_8));
            }
            String base = folder.toUri().getRawPath();
            return Path.of(URI.create("file://" + base + (base.endsWith("/") ? "" : "/") + encode(name)));
        } catch (IllegalArgumentException e) {
            throw new ShipException(ShipErrorCode.BAD_NAME, "this file system has no such name: " + shown(name));
        }
    }

    private static String encode(String name) {
        StringBuilder escaped = new StringBuilder(name.length() * 3);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (plain) {
                escaped.append(c);
            } else {
                escaped.append('%').append(HEX.charAt(c >> 4 & 0xF)).append(HEX.charAt(c & 0xF));
            }
        }
        return escaped.toString();
    }

    /**
     * Checks a name that came over the wire: it is relative, has no empty, {@code .} or {@code ..} part, is not too long
     * and does not begin with what is ours.
     *
     * @throws ShipException {@link ShipErrorCode#BAD_NAME} that says what is wrong
     */
    static void check(String name) throws ShipException {
        if (name.isEmpty() || name.length() > PATH_BYTES_MAX) {
            throw bad(name, "it has " + name.length() + " octets");
        }
        String[] parts = name.split("/", -1);
        if (parts.length > PARTS_MAX) {
            throw bad(name, "it is more than " + PARTS_MAX + " folders deep");
        }
        for (String part : parts) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.indexOf('\0') >= 0) {
                throw bad(name, "it leaves the folder");
            }
            if (part.length() > PART_BYTES_MAX) {
                throw bad(name, "a part of it is longer than " + PART_BYTES_MAX + " octets");
            }
        }
        // Some file systems drop dots and blanks at the end of a name.
        if (folded(parts[0]).replaceAll("[. ]+$", "").equals(PRIVATE)) {
            throw bad(name, "that folder belongs to the receiver");
        }
    }

    /**
     * Checks a name against what this system can hold.
     *
     * @throws ShipException {@link ShipErrorCode#BAD_NAME} if it cannot
     */
    static void checkHere(String name) throws ShipException {
        if (!UNIX) {
            checkOnWindows(name);
        }
    }

    /** The same for a receiver on Windows, where names are Unicode and some mean devices or are changed in silence. */
    static void checkOnWindows(String name) throws ShipException {
        byte[] octets = name.getBytes(StandardCharsets.ISO_8859_1);
        if (!Arrays.equals(new String(octets, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), octets)) {
            throw bad(name, "it is not UTF-8");
        }
        for (String part : name.split("/", -1)) {
            String stem = folded(part.indexOf('.') < 0 ? part : part.substring(0, part.indexOf('.')));
            if (NOT_ON_WINDOWS.matcher(part).find() || DEVICES.contains(stem.strip())) {
                throw bad(name, "Windows has no such name");
            }
            if (SHORT_FORM.matcher(part).matches()) {
                throw bad(name, "Windows may take it for the short form of another");
            }
        }
    }

    private static ShipException bad(String name, String why) {
        return new ShipException(ShipErrorCode.BAD_NAME, "the name " + shown(name) + " is refused: " + why);
    }

    /** The same for all names that a file system which does not tell cases or forms of an accent apart takes for one. */
    static String folded(String name) {
        if (isAscii(name)) {
            return name.toLowerCase(Locale.ROOT);
        }
        String text = new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return Normalizer.normalize(text, Normalizer.Form.NFC)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    /** A name for people and logs: short, and without control characters. */
    static String shown(String name) {
        return line(new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8), 200);
    }

    /** A reason in which names may be, for people and logs: short, and without control characters. */
    static String shownReason(String reason) {
        return line(reason, 1_000);
    }

    private static String line(String text, int lengthMax) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= lengthMax ? clean : clean.substring(0, lengthMax) + "...";
    }

    /** The folder that a name is in; empty for the top. */
    static String parent(String name) {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }
}
