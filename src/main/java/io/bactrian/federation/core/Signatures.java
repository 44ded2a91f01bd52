package io.bactrian.federation.core;

/** Signs in the name of this node, and checks what other nodes have signed. */
public interface Signatures {
    /** No signatures: everything is accepted. */
    Signatures NONE = new Signatures() {
        @Override
        public String sign(byte[] octets) {
            return "";
        }

        @Override
        public boolean valid(String node, byte[] octets, String signature) {
            return true;
        }
    };

    /** This node's signature, in Base64; empty if the federation has no signatures. */
    String sign(byte[] octets);

    /** Whether a node has signed these octets; also true if the federation has no signatures. */
    boolean valid(String node, byte[] octets, String signature);
}
