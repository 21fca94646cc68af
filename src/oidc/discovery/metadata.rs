//! The members of the documents, in one table: what is not served is not announced.

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::Type,
};
use serde_json::{Map, Value, json};

/// Where the keys are.
pub(super) const JWKS: &str = "/.well-known/jwks.json";

/// A part of the protocol, announced once it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What every tenant has: its issuer and its keys.
    Keys,
    /// `/oauth2/authorize` with the code that `/oauth2/token` takes, and ID tokens.
    Authorize,
    /// `/oauth2/token`, for clients that act for themselves.
    Token,
    /// Refresh tokens at `/oauth2/token`.
    Refresh,
    /// `/oauth2/userinfo`.
    Userinfo,
    /// `/oauth2/introspect`.
    Introspect,
    /// `/oauth2/revoke`.
    Revoke,
    /// `/oauth2/logout`.
    Logout,
    /// Logout tokens to applications.
    BackChannel,
    /// `/oauth2/par`.
    Pushed,
    /// `/oauth2/device_authorization`.
    Device,
    /// Clients that prove themselves by a signature.
    PrivateKey,
    /// Proofs of possession.
    Dpop,
    /// A subject of its own for each sector.
    Pairwise,
}

/// What is announced. Whoever serves a part says `true` here: every member that belongs to it appears.
const SERVED: [(Part, bool); 14] = [
    (Part::Keys, true),
    (Part::Authorize, true),
    (Part::Token, true),
    (Part::Refresh, true),
    (Part::Userinfo, true),
    (Part::Introspect, true),
    (Part::Revoke, true),
    (Part::Logout, true),
    (Part::BackChannel, true),
    (Part::Pushed, false),
    (Part::Device, false),
    (Part::PrivateKey, false),
    (Part::Dpop, false),
    (Part::Pairwise, true),
];

fn is_served(part: Part) -> bool {
    SERVED.contains(&(part, true))
}

/// A member of a document.
pub struct Member {
    pub(super) name: &'static str,
    part: Part,
    value: Content,
    pub(super) meaning: &'static str,
}

/// What a member has.
enum Content {
    /// An address, of this path below the issuer.
    Path(&'static str),
    /// A list of one such address.
    Paths(&'static str),
    /// Words, each of a part. A list that would be empty is left out (RFC 8414 §3.2).
    List(&'static [(Part, &'static str)]),
    /// Yes or no.
    Flag(bool),
    /// What only the document of documents speaks of.
    Objects,
}

impl Member {
    const fn of(part: Part, name: &'static str, value: Content, meaning: &'static str) -> Self {
        Self {
            name,
            part,
            value,
            meaning,
        }
    }

    pub(super) fn schema(&self) -> MetaSchema {
        let list = |items: MetaSchemaRef| MetaSchema {
            items: Some(Box::new(items)),
            ..MetaSchema::new("array")
        };
        match self.value {
            Content::Path(_) => MetaSchema::new_with_format("string", "uri"),
            Content::Paths(_) | Content::List(_) => list(String::schema_ref()),
            Content::Flag(_) => MetaSchema::new("boolean"),
            Content::Objects => list(MetaSchemaRef::Inline(Box::new(MetaSchema::new("object")))),
        }
    }

    fn write(&self, issuer: &str) -> Option<Value> {
        if !is_served(self.part) {
            return None;
        }
        match self.value {
            Content::Path(path) => Some(json!(format!("{issuer}{path}"))),
            Content::Paths(path) => Some(json!([format!("{issuer}{path}")])),
            Content::Flag(flag) => Some(json!(flag)),
            Content::List(words) => {
                let served = words.iter().filter(|(part, _)| is_served(*part));
                let words: Vec<_> = served.map(|(_, word)| *word).collect();
                (!words.is_empty()).then(|| json!(words))
            }
            Content::Objects => None,
        }
    }
}

/// The document of these members for a tenant, as it is published.
pub(super) fn write(members: &[Member], issuer: &str) -> String {
    let written = members
        .iter()
        .filter_map(|member| Some((member.name.to_owned(), member.write(issuer)?)));
    Value::Object(written.collect::<Map<_, _>>()).to_string()
}

const CLIENTS: Content = Content::List(&[
    // Agents use the documents of their clients only where this is listed.
    (Part::Token, "none"),
    (Part::Token, "client_secret_basic"),
    (Part::Token, "client_secret_post"),
    (Part::PrivateKey, "private_key_jwt"),
]);
const SIGNED_BY_CLIENTS: Content = Content::List(&[
    (Part::PrivateKey, "ES256"),
    (Part::PrivateKey, "EdDSA"),
    (Part::PrivateKey, "PS256"),
    (Part::PrivateKey, "RS256"),
]);
const PROOFS: Content = Content::List(&[(Part::Dpop, "ES256"), (Part::Dpop, "EdDSA"), (Part::Dpop, "PS256")]);
const SCOPES: Content = Content::List(&[
    (Part::Authorize, "openid"),
    (Part::Userinfo, "profile"),
    (Part::Userinfo, "email"),
    (Part::Userinfo, "phone"),
    (Part::Userinfo, "roles"),
    (Part::Refresh, "offline_access"),
]);
const CLAIMS: Content = Content::List(&[
    (Part::Authorize, "iss"),
    (Part::Authorize, "sub"),
    (Part::Authorize, "aud"),
    (Part::Authorize, "exp"),
    (Part::Authorize, "iat"),
    (Part::Authorize, "auth_time"),
    (Part::Authorize, "nonce"),
    (Part::Authorize, "acr"),
    (Part::Authorize, "amr"),
    (Part::Authorize, "at_hash"),
    (Part::Authorize, "sid"),
    (Part::Userinfo, "name"),
    (Part::Userinfo, "given_name"),
    (Part::Userinfo, "family_name"),
    (Part::Userinfo, "nickname"),
    (Part::Userinfo, "preferred_username"),
    (Part::Userinfo, "picture"),
    (Part::Userinfo, "gender"),
    (Part::Userinfo, "locale"),
    (Part::Userinfo, "updated_at"),
    (Part::Userinfo, "email"),
    (Part::Userinfo, "email_verified"),
    (Part::Userinfo, "phone_number"),
    (Part::Userinfo, "phone_number_verified"),
    (Part::Userinfo, "roles"),
]);

/// The metadata of a tenant as an authorization server and `OpenID` Provider.
pub(super) const PROVIDER: &[Member] = &[
    Member::of(
        Part::Keys,
        "issuer",
        Content::Path(""),
        "Who issues tokens: the `iss` of each.",
    ),
    Member::of(
        Part::Authorize,
        "authorization_endpoint",
        Content::Path("/oauth2/authorize"),
        "Where people are sent to sign in.",
    ),
    Member::of(
        Part::Token,
        "token_endpoint",
        Content::Path("/oauth2/token"),
        "Where clients get tokens.",
    ),
    Member::of(
        Part::Userinfo,
        "userinfo_endpoint",
        Content::Path("/oauth2/userinfo"),
        "Where claims about the user are.",
    ),
    Member::of(Part::Keys, "jwks_uri", Content::Path(JWKS), "The keys of the tenant."),
    Member::of(
        Part::Revoke,
        "revocation_endpoint",
        Content::Path("/oauth2/revoke"),
        "Where clients give tokens back.",
    ),
    Member::of(
        Part::Introspect,
        "introspection_endpoint",
        Content::Path("/oauth2/introspect"),
        "Where APIs ask about tokens.",
    ),
    Member::of(
        Part::Pushed,
        "pushed_authorization_request_endpoint",
        Content::Path("/oauth2/par"),
        "Where clients push their requests.",
    ),
    Member::of(
        Part::Device,
        "device_authorization_endpoint",
        Content::Path("/oauth2/device_authorization"),
        "Where devices without a browser begin.",
    ),
    Member::of(
        Part::Logout,
        "end_session_endpoint",
        Content::Path("/oauth2/logout"),
        "Where people are sent to sign out.",
    ),
    Member::of(
        Part::Authorize,
        "response_types_supported",
        Content::List(&[(Part::Authorize, "code")]),
        "What an authorization request may ask for.",
    ),
    Member::of(
        Part::Authorize,
        "response_modes_supported",
        Content::List(&[(Part::Authorize, "query"), (Part::Authorize, "form_post")]),
        "How it is answered.",
    ),
    Member::of(
        Part::Token,
        "grant_types_supported",
        Content::List(&[
            (Part::Authorize, "authorization_code"),
            (Part::Refresh, "refresh_token"),
            (Part::Token, "client_credentials"),
            (Part::Device, "urn:ietf:params:oauth:grant-type:device_code"),
        ]),
        "What the token endpoint takes.",
    ),
    Member::of(
        Part::Authorize,
        "subject_types_supported",
        Content::List(&[(Part::Authorize, "public"), (Part::Pairwise, "pairwise")]),
        "How users are called.",
    ),
    Member::of(
        Part::Keys,
        "id_token_signing_alg_values_supported",
        Content::List(&[(Part::Keys, "RS256"), (Part::Keys, "ES256"), (Part::Keys, "EdDSA")]),
        "What ID tokens are signed with; RS256 for a client that names none.",
    ),
    Member::of(
        Part::Token,
        "token_endpoint_auth_methods_supported",
        CLIENTS,
        "How clients prove themselves at the token endpoint.",
    ),
    Member::of(
        Part::PrivateKey,
        "token_endpoint_auth_signing_alg_values_supported",
        SIGNED_BY_CLIENTS,
        "What they sign with there.",
    ),
    Member::of(
        Part::Revoke,
        "revocation_endpoint_auth_methods_supported",
        CLIENTS,
        "How clients prove themselves at the revocation endpoint.",
    ),
    Member::of(
        Part::Introspect,
        "introspection_endpoint_auth_methods_supported",
        Content::List(&[
            (Part::Introspect, "client_secret_basic"),
            (Part::Introspect, "client_secret_post"),
            (Part::PrivateKey, "private_key_jwt"),
        ]),
        "How APIs prove themselves at the introspection endpoint.",
    ),
    Member::of(
        Part::Dpop,
        "dpop_signing_alg_values_supported",
        PROOFS,
        "What proofs of possession are signed with (RFC 9449 §5.1).",
    ),
    Member::of(
        Part::Authorize,
        "code_challenge_methods_supported",
        Content::List(&[(Part::Authorize, "S256")]),
        "How a code is bound to who asked for it (RFC 7636).",
    ),
    Member::of(Part::Token, "scopes_supported", SCOPES, "What may be asked for."),
    Member::of(
        Part::Authorize,
        "claims_supported",
        CLAIMS,
        "What may be told of a user.",
    ),
    Member::of(
        Part::Authorize,
        "claims_parameter_supported",
        Content::Flag(true),
        "Whether single claims may be asked for.",
    ),
    Member::of(
        Part::Authorize,
        "request_parameter_supported",
        Content::Flag(false),
        "Whether a request may be a signed object.",
    ),
    Member::of(
        Part::Authorize,
        "request_uri_parameter_supported",
        // By default it is true.
        Content::Flag(false),
        "Whether a request may be fetched from the client.",
    ),
    Member::of(
        Part::Authorize,
        "authorization_response_iss_parameter_supported",
        Content::Flag(true),
        "Whether answers name the issuer (RFC 9207).",
    ),
    Member::of(
        Part::BackChannel,
        "backchannel_logout_supported",
        Content::Flag(true),
        "Whether applications are told that somebody signed out.",
    ),
    Member::of(
        Part::BackChannel,
        "backchannel_logout_session_supported",
        Content::Flag(true),
        "Whether they are told of which session.",
    ),
    Member::of(
        Part::Authorize,
        "acr_values_supported",
        Content::List(&[(Part::Authorize, "aal1")]),
        "How sure it can be who signed in.",
    ),
    Member::of(
        Part::Authorize,
        "prompt_values_supported",
        Content::List(&[
            (Part::Authorize, "none"),
            (Part::Authorize, "login"),
            (Part::Authorize, "consent"),
            (Part::Authorize, "select_account"),
            (Part::Authorize, "create"),
        ]),
        "What a request may ask to be shown.",
    ),
    Member::of(
        Part::Authorize,
        "ui_locales_supported",
        Content::List(&[(Part::Authorize, "en"), (Part::Authorize, "zh")]),
        "The languages of the pages.",
    ),
    Member::of(
        Part::Authorize,
        "display_values_supported",
        Content::List(&[(Part::Authorize, "page")]),
        "How the pages are shown.",
    ),
];

/// The metadata of the tenant's API as a protected resource.
pub(super) const RESOURCE: &[Member] = &[
    Member::of(
        Part::Keys,
        "resource",
        Content::Path(""),
        "What tokens for it name as `aud`.",
    ),
    Member::of(
        Part::Keys,
        "authorization_servers",
        Content::Paths(""),
        "Whose tokens it takes.",
    ),
    Member::of(
        Part::Keys,
        "jwks_uri",
        Content::Path(JWKS),
        "The keys these are signed with.",
    ),
    Member::of(Part::Token, "scopes_supported", SCOPES, "What may be asked for."),
    Member::of(
        Part::Keys,
        "bearer_methods_supported",
        Content::List(&[(Part::Keys, "header")]),
        "How a token is sent (RFC 6750 §2).",
    ),
    Member::of(
        Part::Dpop,
        "dpop_signing_alg_values_supported",
        PROOFS,
        "What proofs of possession are signed with.",
    ),
];

/// What a set of keys has.
pub(super) const KEYS: &[Member] = &[Member::of(
    Part::Keys,
    "keys",
    Content::Objects,
    "Keys with `kty`, `use`, `alg`, `kid` and the public numbers of their kind (RFC 7518 §6, RFC 8037 §2). First \
     comes the active key of RS256.",
)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_announced_with_the_part_it_belongs_to_and_a_list_never_empty() {
        let document: Value = serde_json::from_str(&write(PROVIDER, "https://id.example")).unwrap();
        for member in PROVIDER {
            let is_there = !document[member.name].is_null();
            assert!(is_there <= is_served(member.part), "{}", member.name);
            assert_ne!(document[member.name], json!([]), "{}", member.name);
        }
        assert_eq!(document["issuer"], "https://id.example");
    }

    #[test]
    fn no_member_is_there_twice_and_every_part_is_in_the_table_once() {
        for members in [PROVIDER, RESOURCE] {
            let mut names: Vec<_> = members.iter().map(|member| member.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), members.len());
        }
        for (part, _) in SERVED {
            let rows = SERVED.iter().filter(|(other, _)| *other == part);
            assert_eq!(rows.count(), 1, "{part:?}");
        }
    }
}
