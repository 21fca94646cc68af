//! What an application of each kind begins with.

use super::{
    kind::{AuthMethod, ClaimForm, Grant, Preset},
    spec::Claim,
};

/// What an application of one kind begins with.
pub(super) struct Defaults {
    pub(super) grants: &'static [Grant],
    pub(super) auth_methods: &'static [AuthMethod],
    pub(super) require_pkce: bool,
    pub(super) claims_in_id_token: bool,
    pub(super) scopes: &'static [&'static str],
    /// The name of the claim that has the roles as text, where what is behind a gateway reads headers.
    roles_as_text: Option<&'static str>,
}

const SECRET: &[AuthMethod] = &[AuthMethod::Basic, AuthMethod::Post];
const PEOPLE: &[&str] = &["openid", "profile", "email", "offline_access"];
const CODE: &[Grant] = &[Grant::AuthorizationCode, Grant::RefreshToken];
const DEVICES: &[Grant] = &[Grant::AuthorizationCode, Grant::RefreshToken, Grant::DeviceCode];

pub(super) fn defaults(preset: Preset) -> Defaults {
    let people = Defaults {
        grants: CODE,
        auth_methods: SECRET,
        require_pkce: true,
        claims_in_id_token: false,
        scopes: PEOPLE,
        roles_as_text: None,
    };
    let none: &[AuthMethod] = &[AuthMethod::None];
    match preset {
        Preset::WebServer => people,
        Preset::SinglePage => Defaults {
            auth_methods: none,
            ..people
        },
        Preset::Native => Defaults {
            auth_methods: none,
            grants: DEVICES,
            ..people
        },
        Preset::Machine => Defaults {
            grants: &[Grant::ClientCredentials],
            scopes: &[],
            ..people
        },
        // Gateways send neither PKCE nor a nonce, and know only the ID token.
        Preset::Gateway => Defaults {
            auth_methods: &[AuthMethod::Post, AuthMethod::Basic],
            require_pkce: false,
            claims_in_id_token: true,
            scopes: &["openid", "profile", "email", "roles", "offline_access"],
            roles_as_text: Some("roles"),
            ..people
        },
        Preset::Label => Defaults {
            grants: &[],
            auth_methods: none,
            scopes: &[],
            ..people
        },
    }
}

impl Defaults {
    pub(super) fn claims(&self) -> Vec<Claim> {
        let claim = |name: &str| Claim {
            claim: name.to_owned(),
            source: "roles".to_owned(),
            form: ClaimForm::Text,
            in_id_token: true,
            in_access_token: true,
            in_userinfo: true,
        };
        self.roles_as_text.map(claim).into_iter().collect()
    }
}

impl Preset {
    /// Each of them.
    pub fn all() -> impl Iterator<Item = Self> {
        use sea_orm::Iterable;
        Self::iter()
    }

    /// What it is for, in a line.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::WebServer => "a web application whose server keeps a secret",
            Self::SinglePage => "a web application that runs in the browser alone",
            Self::Native => "a desktop, mobile or command-line program, or an agent",
            Self::Machine => "a program that calls APIs for itself, without a person",
            Self::Gateway => "an API gateway or proxy that signs people in for what is behind it",
            Self::Label => "a name and a look for pages and mails",
        }
    }
}
