package io.bactrian.federation.opcua;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Period;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.CertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.DefaultServerCertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.FileBasedCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.FileBasedTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.KeyStoreCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;

/**
 * The certificate of the server, made at the first start, and those of the clients that it trusts, in the folder {@code opcua}
 * of the process: {@code trusted/certs} has the certificates of clients, {@code rejected} those that were refused, and {@code
 * private} the server's key. A file that is moved from {@code rejected} to {@code trusted/certs} is trusted at once.
 */
final class Certificates implements AutoCloseable {
    private static final Period VALIDITY = Period.ofYears(10);
    private static final int REJECTED_MAX = 100;
    /** The file is protected by its rights. */
    private static final char[] PASSWORD = "bactrian".toCharArray();

    private final FileBasedTrustListManager trusted;
    private final KeyStoreCertificateStore store;
    private final DefaultCertificateManager manager;
    private final X509Certificate own;

    /**
     * Reads or makes them.
     *
     * @param folder where they are
     * @param applicationUri the URI of the server
     * @param host the name or address by which clients reach it
     */
    Certificates(Path folder, String applicationUri, String host) throws Exception {
        trusted = FileBasedTrustListManager.createAndInitialize(folder);
        CertificateQuarantine rejected = new FileBasedCertificateQuarantine(
                Files.createDirectories(folder.resolve("rejected")).toFile(), REJECTED_MAX);
        Path secret = secretFolder(folder.resolve("private"));
        store = new KeyStoreCertificateStore(new KeyStoreCertificateStore.Settings(
                secret.resolve("server.p12"), PASSWORD::clone, alias -> PASSWORD.clone()));
        store.initialize();
        DefaultApplicationGroup group = new DefaultApplicationGroup(
                trusted,
                store,
                new SelfSigned(applicationUri, host),
                new DefaultServerCertificateValidator(trusted, rejected));
        group.initialize();
        manager = new DefaultCertificateManager(rejected, group);
        own = group.getCertificateChain(NodeIds.RsaSha256ApplicationCertificateType)
                .orElseThrow(() -> new IOException("no certificate in " + secret))[0];
    }

    private static Path secretFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        return folder;
    }

    DefaultCertificateManager manager() {
        return manager;
    }

    X509Certificate own() {
        return own;
    }

    @Override
    public void close() throws IOException {
        trusted.close();
        store.close();
    }

    private static final class SelfSigned extends RsaSha256CertificateFactory {
        private final String applicationUri;
        private final String host;

        private SelfSigned(String applicationUri, String host) {
            this.applicationUri = applicationUri;
            this.host = host;
        }

        @Override
        protected X509Certificate[] createRsaSha256CertificateChain(KeyPair keyPair) throws Exception {
            SelfSignedCertificateBuilder builder = new SelfSignedCertificateBuilder(keyPair)
                    .setCommonName("Bactrian")
                    .setOrganization("Bactrian")
                    .setApplicationUri(applicationUri)
                    .setValidityPeriod(VALIDITY);
            boolean address = host.matches("[0-9.]+") || host.indexOf(':') >= 0;
            X509Certificate made = (address ? builder.addIpAddress(host) : builder.addDnsName(host)).build();
            return new X509Certificate[] {made};
        }
    }
}
