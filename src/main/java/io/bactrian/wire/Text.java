package io.bactrian.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8 without U+0000, which databases cannot hold: what is not well formed is refused and never replaced. */
final class Text {
    static final int NAME_BYTES_MAX = 255;
    static final int REASON_BYTES_MAX = 1024;

    private Text() {}

    static String decode(byte[] buffer, int offset, int length) throws WireException {
        if (isAscii(buffer, offset, length)) {
            return new String(buffer, offset, length, StandardCharsets.ISO_8859_1);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(buffer, offset, length))
                    .toString();
            if (text.indexOf('\0') >= 0) {
                throw new WireException(Code.MALFORMED, "text holds U+0000");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new WireException(Code.MALFORMED, "text is not UTF-8");
        }
    }

    /** Modified UTF-8 without its length, as Java's data streams have it. */
    static String decodeModified(byte[] buffer, int offset, int length) throws IOException {
        if (isAscii(buffer, offset, length)) {
            return new String(buffer, offset, length, StandardCharsets.ISO_8859_1);
        }
        byte[] withLength = new byte[2 + length];
        withLength[0] = (byte) (length >> 8);
        withLength[1] = (byte) length;
        System.arraycopy(buffer, offset, withLength, 2, length);
        return new DataInputStream(new ByteArrayInputStream(withLength)).readUTF();
    }

    /** Modified UTF-8 with its length in front, as Java's data streams have it. */
    static byte[] encodeModified(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 2);
        try {
            new DataOutputStream(bytes).writeUTF(text);
        } catch (IOException e) {
            throw new IllegalArgumentException("text of " + text.length() + " characters is too long", e);
        }
        return bytes.toByteArray();
    }

    private static boolean isAscii(byte[] buffer, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (buffer[i] <= 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * The octets of a name.
     *
     * @throws IllegalArgumentException if the text has unpaired surrogates
     */
    static byte[] encode(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            byte[] result = new byte[bytes.remaining()];
            bytes.get(result);
            return result;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text has an unpaired surrogate", e);
        }
    }

    /** Throws unless the name has between {@code min} and 255 octets. */
    static byte[] check(String name, int min, String what) {
        byte[] bytes = encode(name);
        if (bytes.length < min || bytes.length > NAME_BYTES_MAX) {
            throw new IllegalArgumentException(what + " must have " + min + " to 255 octets, has " + bytes.length);
        }
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " must not hold U+0000");
        }
        return bytes;
    }

    /** A reason in words, cut to what a REFUSE or an ERROR may carry. */
    static String reason(String text) {
        String clean = text.length() > REASON_BYTES_MAX ? text.substring(0, REASON_BYTES_MAX) : text;
        clean = new String(clean.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        while (clean.getBytes(StandardCharsets.UTF_8).length > REASON_BYTES_MAX) {
            clean = clean.substring(0, clean.offsetByCodePoints(clean.length(), -1));
        }
        return clean;
    }
}
