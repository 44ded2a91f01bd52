package io.bactrian.zeromq;

/** The security mechanisms of ZMTP, named as in an endpoint URI. Source: RFC 23/ZMTP. */
public enum ZeroMqSecurity {
    /** Everything in clear, everybody admitted. */
    none,
    /** User and password, in clear. */
    plain,
    /** Encrypted, and both sides prove that they own their keys. */
    curve
}
