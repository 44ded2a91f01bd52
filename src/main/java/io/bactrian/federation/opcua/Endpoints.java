package io.bactrian.federation.opcua;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.opcua.OpcUaSettings.Rights;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfigLimits;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.CompositeValidator;
import org.eclipse.milo.opcua.sdk.server.identity.IdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;

/** Where a server is reached, under which security, by whom, and within which bounds. */
final class Endpoints {
    private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::", "[::]");

    private Endpoints() {}

    /** The URI of the server of a process. */
    static String applicationUri(String federation, Member member) {
        String place = member.place().isEmpty() ? "" : ":" + member.place();
        return "urn:bactrian:federation:" + federation + ":" + member.node() + place;
    }

    /** The name or address by which clients reach the server. */
    static String host(OpcUaSettings settings, Member self) {
        return EVERYWHERE.contains(settings.host()) ? self.host() : settings.host();
    }

    /** One endpoint for each policy. */
    static Set<EndpointConfig> of(OpcUaSettings settings, Member self, X509Certificate certificate, Users users) {
        Set<EndpointConfig> endpoints = new LinkedHashSet<>();
        for (String name : settings.policies()) {
            SecurityPolicy policy = policy(name);
            EndpointConfig.Builder builder = EndpointConfig.newBuilder()
                    .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                    .setBindAddress(settings.host())
                    .setBindPort(settings.port())
                    .setHostname(host(settings, self))
                    .setCertificate(certificate)
                    .setSecurityPolicy(policy)
                    .setSecurityMode(
                            policy == SecurityPolicy.None
                                    ? MessageSecurityMode.None
                                    : MessageSecurityMode.SignAndEncrypt);
            if (users.admitsAnonymous()) {
                builder.addTokenPolicy(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS);
            }
            if (users.any()) {
                builder.addTokenPolicy(OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME);
            }
            endpoints.add(builder.build());
        }
        return endpoints;
    }

    private static SecurityPolicy policy(String name) {
        for (SecurityPolicy policy : SecurityPolicy.values()) {
            if (policy.name().equals(name)) {
                return policy;
            }
        }
        throw new IllegalArgumentException("bactrian.federation.opcua.policies: there is no security policy '" + name
                + "', there are " + List.of(SecurityPolicy.values()));
    }

    /** Checks who somebody is. */
    static IdentityValidator identities(Users users) {
        List<IdentityValidator> validators = new ArrayList<>();
        if (users.admitsAnonymous()) {
            validators.add(AnonymousIdentityValidator.INSTANCE);
        }
        if (users.any()) {
            validators.add(new UsernameIdentityValidator(
                    challenge -> users.admits(challenge.getUsername(), challenge.getPassword())));
        }
        if (validators.isEmpty()) {
            throw new IllegalArgumentException("nobody may use OPC UA: give bactrian.federation.opcua.users, or "
                    + "bactrian.federation.opcua.anonymous="
                    + Rights.READ.name().toLowerCase(java.util.Locale.ROOT));
        }
        return new CompositeValidator(validators);
    }

    /** The bounds. */
    static OpcUaServerConfigLimits limits(OpcUaSettings settings) {
        return new OpcUaServerConfigLimits() {
            @Override
            public UInteger getMaxSessions() {
                return UInteger.valueOf(settings.sessionsMax());
            }

            @Override
            public UInteger getMaxSubscriptions() {
                return UInteger.valueOf(10L * settings.sessionsMax());
            }

            @Override
            public UInteger getMaxSubscriptionsPerSession() {
                return UInteger.valueOf(10);
            }

            @Override
            public UInteger getMaxMonitoredItems() {
                return UInteger.valueOf(settings.itemsMax());
            }

            @Override
            public UInteger getMaxMonitoredItemsPerSession() {
                return UInteger.valueOf(settings.itemsMax());
            }

            @Override
            public UInteger getMaxNodesPerWrite() {
                return UInteger.valueOf(settings.writesMax());
            }
        };
    }
}
