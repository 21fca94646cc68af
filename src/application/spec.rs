//! What an administrator decides about an application: one form that is documented and answered.

use super::{
    kind::{AuthMethod, ClaimForm, Grant, Preset, Rotation, SubjectType, UriKind},
    scope, uri,
};
use crate::{
    access::policy::OWNER,
    key::Algorithm,
    kit::{error::FieldError, selector::label_key_problem, text::DisplayName},
};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an administrator decides about an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "ApplicationSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Spec {
    /// What people call it.
    pub display_name: DisplayName,
    /// What it is for.
    pub description: String,
    /// The colour of buttons; that of the tenant if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// An https address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// Where people go when they are done with a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_url: Option<String>,
    /// What it does with what it learns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_url: Option<String>,
    /// What its users agree to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_url: Option<String>,
    /// Where it is told that a session ended (OpenID Connect Back-Channel Logout 1.0).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether it is the tenant's own, so that nobody is asked for consent.
    pub first_party: bool,
    /// How it may come to tokens.
    pub grants: Vec<Grant>,
    /// How it may prove who it is; `none` alone for one that keeps no secret.
    pub auth_methods: Vec<AuthMethod>,
    /// Whether it must use PKCE (RFC 7636).
    pub require_pkce: bool,
    /// Whether a refresh token is replaced when it is used.
    pub rotation: Rotation,
    /// Whether it knows users by a `sub` of its own.
    pub subject_type: SubjectType,
    /// What signs its ID tokens.
    pub id_token_alg: Algorithm,
    /// What signs its access tokens for this server.
    pub access_token_alg: Algorithm,
    /// Whether claims of scopes are in ID tokens as well, and not only in userinfo.
    pub claims_in_id_token: bool,
    /// Seconds for which an access token is valid; as the policy for sessions has it if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u32>,
    /// Seconds for which an ID token is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_seconds: Option<u32>,
    /// Seconds a refresh token may lie unused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_idle_seconds: Option<u32>,
    /// Seconds after which it ends, however busy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_absolute_seconds: Option<u32>,
    /// Where people come back to when they have signed in, as browsers write it. Of an application that is built in
    /// they are paths below the tenant's base.
    pub redirect_uris: Vec<String>,
    /// Where people come back to when they have signed out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where pages that call this server come from, besides the origins of `redirectUris`.
    pub allowed_origins: Vec<String>,
    /// Scopes of this server that it may ask for: `openid`, `profile`, `email`, `phone`, `address`,
    /// `roles`, `offline_access`, `api`, and permissions such as `users:list`.
    pub scopes: Vec<String>,
    /// The APIs whose tokens it may ask for.
    pub audiences: Vec<Audience>,
    /// Roles that it has when it calls for itself.
    pub roles: Vec<String>,
    /// Roles whose holders may sign in to it; everybody if there is none.
    pub access_roles: Vec<String>,
    /// Claims that it is told by another name or in another form.
    pub claims: Vec<Claim>,
}

/// An API whose tokens an application may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ApplicationAudience")]
pub struct Audience {
    /// The `spec.audience` of a resource server.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub audience: String,
    /// Scopes of it.
    #[oai(default, validator(max_items = 100))]
    pub scopes: Vec<String>,
}

/// A claim that an application is told by another name or in another form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "ApplicationClaim", rename_all = "camelCase")]
pub struct Claim {
    /// The name of the claim.
    #[oai(validator(pattern = "^[A-Za-z0-9_.:/-]{1,100}$"))]
    pub claim: String,
    /// What it says: `roles`, `name`, `preferred_username`, `email`, `picture`, `locale`, `phone_number`, or
    /// `label:` and the key of a label.
    #[oai(validator(min_length = 1, max_length = 260))]
    pub source: String,
    /// The form of several values.
    #[oai(default = "array")]
    pub form: ClaimForm,
    /// Whether it is in ID tokens.
    #[oai(default)]
    pub in_id_token: bool,
    /// Whether it is in access tokens.
    #[oai(default)]
    pub in_access_token: bool,
    /// Whether userinfo tells it.
    #[oai(default)]
    pub in_userinfo: bool,
}

fn array() -> ClaimForm {
    ClaimForm::Array
}

/// Claims that say who issued a token for whom: whoever could set one would be somebody else.
const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "acr",
    "amr",
    "azp",
    "sid",
    "client_id",
    "scope",
    "cnf",
    "act",
    "email_verified",
    "at_hash",
    "c_hash",
    "auth_time",
    "typ",
    "token_type",
    "active",
    "username",
];
/// What a claim can say.
const SOURCES: &[&str] = &[
    "roles",
    "name",
    "preferred_username",
    "email",
    "picture",
    "locale",
    "phone_number",
];

impl Spec {
    /// What an application of this kind begins with.
    #[must_use]
    pub fn new(preset: Preset, display_name: DisplayName) -> Self {
        let defaults = super::preset::defaults(preset);
        Self {
            display_name,
            description: String::new(),
            color: None,
            logo_url: None,
            home_url: None,
            policy_url: None,
            terms_url: None,
            backchannel_logout_uri: None,
            first_party: false,
            grants: defaults.grants.to_vec(),
            auth_methods: defaults.auth_methods.to_vec(),
            require_pkce: defaults.require_pkce,
            rotation: Rotation::Auto,
            subject_type: SubjectType::Public,
            id_token_alg: Algorithm::Rs256,
            access_token_alg: Algorithm::EdDsa,
            claims_in_id_token: defaults.claims_in_id_token,
            access_token_seconds: None,
            id_token_seconds: None,
            refresh_idle_seconds: None,
            refresh_absolute_seconds: None,
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            allowed_origins: vec![],
            scopes: defaults.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            audiences: vec![],
            roles: vec![],
            access_roles: vec![],
            claims: defaults.claims(),
        }
    }

    /// Whether it keeps no secret (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.auth_methods == [AuthMethod::None]
    }

    /// Roles whose holders alone may do all that it may: its own, and the owner's if it may do all that
    /// whoever signs in to it may.
    #[must_use]
    pub(super) fn reach(&self) -> Vec<String> {
        let owner = self
            .scopes
            .iter()
            .any(|scope| scope == scope::API)
            .then(|| OWNER.to_owned());
        self.roles.iter().cloned().chain(owner).collect()
    }

    /// Its lists in one order, without what is there twice; the order of addresses, grants and methods is
    /// the administrator's.
    pub(super) fn normalize(&mut self) {
        for roles in [&mut self.roles, &mut self.access_roles] {
            for role in roles {
                role.make_ascii_lowercase();
            }
        }
        for list in [&mut self.scopes, &mut self.roles, &mut self.access_roles] {
            list.sort_unstable();
            list.dedup();
        }
        self.audiences.sort_by(|a, b| a.audience.cmp(&b.audience));
        for audience in &mut self.audiences {
            audience.scopes.sort_unstable();
            audience.scopes.dedup();
        }
        self.claims.sort_by(|a, b| a.claim.cmp(&b.claim));
    }

    /// Everything that is wrong with it; `apis` are the tenant's, with their scopes.
    pub(super) fn problems(&self, preset: Preset, apis: &[Audience]) -> Vec<FieldError> {
        let mut wrong = vec![];
        self.check_uris(preset, &mut wrong);
        self.check_backchannel(&mut wrong);
        self.check_methods(&mut wrong);
        self.check_scopes(apis, &mut wrong);
        self.check_claims(&mut wrong);
        wrong
    }

    fn check_uris(&self, preset: Preset, wrong: &mut Vec<FieldError>) {
        let is_native = preset == Preset::Native;
        for (field, kind, uris) in self.uris() {
            for (at, text) in uris.iter().enumerate() {
                let field = format!("{field}[{at}]");
                if let Err(why) = uri::check(kind, text, is_native) {
                    wrong.push(FieldError::new(field, "format", why));
                } else if uris[..at].contains(text) {
                    wrong.push(FieldError::new(field, "value", "is in the list already"));
                }
            }
        }
    }

    fn check_backchannel(&self, wrong: &mut Vec<FieldError>) {
        let Some(uri) = &self.backchannel_logout_uri else {
            return;
        };
        if let Err(why) = uri::check_backchannel(uri) {
            wrong.push(FieldError::new("backchannelLogoutUri", "format", why));
        }
    }

    /// Its addresses, by what they are for.
    pub(super) fn uris(&self) -> [(&'static str, UriKind, &Vec<String>); 3] {
        [
            ("redirectUris", UriKind::Redirect, &self.redirect_uris),
            (
                "postLogoutRedirectUris",
                UriKind::PostLogout,
                &self.post_logout_redirect_uris,
            ),
            ("allowedOrigins", UriKind::Origin, &self.allowed_origins),
        ]
    }

    fn check_methods(&self, wrong: &mut Vec<FieldError>) {
        let mut wrong_if = |is_wrong: bool, field: &str, why: &str| {
            if is_wrong {
                wrong.push(FieldError::new(field, "value", why));
            }
        };
        let twice = |count: usize, distinct: usize| count != distinct;
        let methods: BTreeSet<_> = self.auth_methods.iter().collect();
        let grants: BTreeSet<_> = self.grants.iter().collect();
        wrong_if(
            twice(self.auth_methods.len(), methods.len()),
            "authMethods",
            "may name each method once",
        );
        wrong_if(
            twice(self.grants.len(), grants.len()),
            "grants",
            "may name each grant once",
        );
        wrong_if(methods.is_empty(), "authMethods", "needs at least one, or none");
        let mixed = methods.contains(&AuthMethod::None) && !self.is_public();
        wrong_if(mixed, "authMethods", "may not have none beside another method");
        let for_itself = grants.contains(&Grant::ClientCredentials) && self.is_public();
        wrong_if(for_itself, "grants", "may have client_credentials only with a secret");
        let unproven = self.is_public() && grants.contains(&Grant::AuthorizationCode) && !self.require_pkce;
        wrong_if(
            unproven,
            "requirePkce",
            "must be on where there is no secret (RFC 9700 §2.1.1)",
        );
        let longer = self.refresh_idle_seconds.zip(self.refresh_absolute_seconds);
        let longer = longer.is_some_and(|(idle, absolute)| idle > absolute);
        wrong_if(
            longer,
            "refreshIdleSeconds",
            "may not be longer than refreshAbsoluteSeconds",
        );
    }

    fn check_scopes(&self, apis: &[Audience], wrong: &mut Vec<FieldError>) {
        for (at, name) in self.scopes.iter().enumerate() {
            let field = format!("scopes[{at}]");
            if !scope::is_ours(name) {
                let why = "is not a scope of this server: openid, profile, email, phone, address, roles, \
                           offline_access, api, or a permission such as users:list";
                wrong.push(FieldError::new(field, "unknown", why));
            } else if name == scope::API && !self.first_party {
                wrong.push(FieldError::new(
                    field,
                    "value",
                    "is for applications with firstParty alone",
                ));
            }
        }
        for (at, wanted) in self.audiences.iter().enumerate() {
            let field = format!("audiences[{at}]");
            let Some(api) = apis.iter().find(|api| api.audience == wanted.audience) else {
                let why = "is not the audience of an API of this tenant";
                wrong.push(FieldError::new(format!("{field}.audience"), "unknown", why));
                continue;
            };
            if self.audiences[..at]
                .iter()
                .any(|other| other.audience == wanted.audience)
            {
                wrong.push(FieldError::new(
                    format!("{field}.audience"),
                    "value",
                    "is in the list already",
                ));
            }
            for (n, name) in wanted
                .scopes
                .iter()
                .enumerate()
                .filter(|(_, name)| !api.scopes.contains(name))
            {
                let why = format!("is not a scope of this API: {name}");
                wrong.push(FieldError::new(format!("{field}.scopes[{n}]"), "unknown", why));
            }
        }
    }

    fn check_claims(&self, wrong: &mut Vec<FieldError>) {
        for (at, claim) in self.claims.iter().enumerate() {
            let field = format!("claims[{at}]");
            if RESERVED.contains(&claim.claim.as_str()) {
                let why = format!("may not be {}, which says who issued a token for whom", claim.claim);
                wrong.push(FieldError::new(format!("{field}.claim"), "value", why));
            }
            if self.claims[..at].iter().any(|other| other.claim == claim.claim) {
                wrong.push(FieldError::new(
                    format!("{field}.claim"),
                    "value",
                    "is in the list already",
                ));
            }
            let label = claim.source.strip_prefix("label:");
            let known =
                SOURCES.contains(&claim.source.as_str()) || label.is_some_and(|key| label_key_problem(key).is_none());
            if !known {
                let why = format!(
                    "must be one of {}, or label: and the key of a label",
                    SOURCES.join(", ")
                );
                wrong.push(FieldError::new(format!("{field}.source"), "value", why));
            }
        }
    }
}
