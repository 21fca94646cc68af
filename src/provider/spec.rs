//! What an administrator decides about a provider.

use super::{
    kind::{AuthMethod, EmailTrust, Kind, Link, SignUp},
    preset::{self, Endpoints},
    said::is_guid,
};
use crate::kit::{
    error::FieldError,
    text::{DisplayName, DomainRule},
    time::Timestamp,
};
use poem_openapi::Object;
use serde::Serialize;

/// What an administrator decides about a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(
    rename = "AuthProviderConfigSpec",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub struct Spec {
    /// What it speaks, which never changes.
    pub kind: Kind,
    /// What people call it.
    pub display_name: DisplayName,
    /// Its place among the others: the lowest comes first.
    pub priority: i32,
    /// What the tenant is called there.
    pub client_id: String,
    /// When the provider takes the secret no more, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_expires_at: Option<Timestamp>,
    /// The issuer, letter by letter as its metadata have it. Of a maker's kind the base of another of its clouds or of
    /// a GitHub Enterprise Server; the maker's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// With `oauth2`: where people sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorize_url: Option<String>,
    /// With `oauth2`: where codes are exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// With `oauth2`: where it tells who somebody is, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_url: Option<String>,
    /// With `oauth2`: where in that JSON it says what.
    pub claims: ClaimPaths,
    /// With `apple`: the team's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apple_team_id: Option<String>,
    /// With `apple`: the id of the key that is the client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apple_key_id: Option<String>,
    /// With `microsoft`: whose people sign in: `common`, `organizations`, `consumers` or the GUID of a directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms_tenant: Option<String>,
    /// With `microsoft`: the GUIDs of the directories whose people are taken; all if none is named.
    pub upstreams: Vec<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// How the tenant proves there who it is.
    pub auth_method: AuthMethod,
    /// Whether identities that are linked sign in.
    pub sign_in: bool,
    /// Whether accounts are made through it.
    pub sign_up: SignUp,
    /// How an identity comes to an account that is there with the same address.
    pub link: Link,
    /// What its word on addresses is worth.
    pub email_trust: EmailTrust,
    /// The domains of addresses that are taken from it; all if none is named.
    pub domains: Vec<DomainRule>,
}

/// Where a provider that speaks OAuth 2 alone says what: names of members with dots between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "ProviderClaims", rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct ClaimPaths {
    /// Whom it means: text or an integer that never means somebody else.
    #[oai(validator(max_length = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Their address, which proves nothing.
    #[oai(validator(max_length = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name of a person.
    #[oai(validator(max_length = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are called there.
    #[oai(validator(max_length = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
}

/// The directory of personal accounts of Microsoft.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

impl ClaimPaths {
    /// Each with what it is called here.
    pub(super) fn all(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("sub", &self.sub),
            ("email", &self.email),
            ("name", &self.name),
            ("preferred_username", &self.preferred_username),
        ];
        let given = all
            .into_iter()
            .filter_map(|(name, path)| Some((name, path.as_deref()?)));
        given.collect()
    }

    pub(super) fn set(&mut self, name: &str, path: String) {
        match name {
            "sub" => self.sub = Some(path),
            "email" => self.email = Some(path),
            "name" => self.name = Some(path),
            _ => self.preferred_username = Some(path),
        }
    }
}

impl Spec {
    /// A provider of this kind of which nothing is decided yet.
    pub(super) fn new(kind: Kind, display_name: DisplayName) -> Self {
        Self {
            kind,
            display_name,
            priority: 0,
            client_id: String::new(),
            secret_expires_at: None,
            issuer: None,
            authorize_url: None,
            token_url: None,
            userinfo_url: None,
            claims: ClaimPaths::default(),
            apple_team_id: None,
            apple_key_id: None,
            ms_tenant: (kind == Kind::Microsoft).then(|| "common".to_owned()),
            upstreams: vec![],
            scopes: preset::of(kind)
                .scopes
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect(),
            auth_method: AuthMethod::Post,
            sign_in: true,
            sign_up: SignUp::Policy,
            link: Link::Confirm,
            email_trust: preset::of(kind).email_trust,
            domains: vec![],
        }
    }

    /// Everything that is wrong with it.
    pub(super) fn problems(&self) -> Vec<FieldError> {
        let mut wrong = vec![];
        let mut say = |field: &str, code: &str, why: &str| wrong.push(FieldError::new(field, code, why));
        if !self.client_id.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            say(
                "clientId",
                "format",
                "must have printable ASCII letters (RFC 6749 §2.2)",
            );
        }
        for (at, scope) in self.scopes.iter().enumerate() {
            let known = |b: u8| (0x21..=0x7e).contains(&b) && !b"\"\\".contains(&b);
            let field = format!("scopes[{at}]");
            if scope.is_empty() || scope.len() > 200 || !scope.bytes().all(known) {
                say(&field, "format", "must be a scope (RFC 6749 §3.3)");
            } else if self.scopes[..at].contains(scope) {
                say(&field, "value", "is in the list already");
            }
        }
        if self.has_metadata() && !self.scopes.iter().any(|scope| scope == "openid") {
            say(
                "scopes",
                "value",
                "must have openid, without which there is no ID token",
            );
        }
        if matches!(self.kind, Kind::Facebook | Kind::Oauth2) && self.email_trust != EmailTrust::Never {
            say(
                "emailTrust",
                "value",
                "must be never: its word on addresses proves nothing",
            );
        }
        let gives_out = matches!(self.kind, Kind::Oidc | Kind::Google | Kind::Microsoft);
        if !gives_out && self.email_trust == EmailTrust::Authoritative {
            say(
                "emailTrust",
                "value",
                "cannot be authoritative: it gives out no addresses",
            );
        }
        if self.kind == Kind::Oidc && self.email_trust != EmailTrust::Never && self.domains.is_empty() {
            say(
                "domains",
                "required",
                "must name the domains whose addresses are believed",
            );
        }
        if self.link == Link::Automatic && self.email_trust != EmailTrust::Authoritative {
            let why = "can only be automatic where emailTrust is authoritative";
            say("link", "value", why);
        }
        self.check_kind(&mut say);
        wrong
    }

    /// What is wrong with the members that some kinds have.
    fn check_kind(&self, say: &mut impl FnMut(&str, &str, &str)) {
        let is_oauth2 = self.kind == Kind::Oauth2;
        let urls = [
            ("authorizeUrl", &self.authorize_url),
            ("tokenUrl", &self.token_url),
            ("userinfoUrl", &self.userinfo_url),
        ];
        for (field, url) in urls {
            if url.is_some() && !is_oauth2 {
                say(field, "value", "is for the kind oauth2 alone");
            }
        }
        for (name, path) in self.claims.all() {
            let field = format!("claims.{name}");
            let parts: Vec<_> = path.split('.').collect();
            if !is_oauth2 {
                say(&field, "value", "is for the kind oauth2 alone");
            } else if parts.len() > 5 || parts.iter().any(|part| part.is_empty()) {
                say(&field, "format", "must have 1 to 5 names with dots between");
            }
        }
        if self.auth_method == AuthMethod::PrivateKey && !matches!(self.kind, Kind::Oidc | Kind::Oauth2) {
            say("authMethod", "value", "is for the kinds oidc and oauth2 alone");
        }
        let is_id = |id: &str| id.len() == 10 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        for (field, id) in [("appleTeamId", &self.apple_team_id), ("appleKeyId", &self.apple_key_id)] {
            if id.is_some() && self.kind != Kind::Apple {
                say(field, "value", "is for the kind apple alone");
            } else if id.as_deref().is_some_and(|id| !is_id(id)) {
                say(field, "format", "must have 10 letters and digits");
            }
        }
        let is_tenant = |of: &str| matches!(of, "common" | "organizations" | "consumers") || is_guid(of);
        if self.ms_tenant.is_some() && self.kind != Kind::Microsoft {
            say("msTenant", "value", "is for the kind microsoft alone");
        } else if self.ms_tenant.is_none() && self.kind == Kind::Microsoft {
            say("msTenant", "required", "is required with the kind microsoft");
        } else if self.ms_tenant.as_deref().is_some_and(|of| !is_tenant(of)) {
            say(
                "msTenant",
                "format",
                "must be common, organizations, consumers or a GUID",
            );
        }
        for (at, upstream) in self.upstreams.iter().enumerate() {
            let field = format!("upstreams[{at}]");
            if self.kind != Kind::Microsoft {
                say(&field, "value", "is for the kind microsoft alone");
            } else if !is_guid(upstream) {
                say(&field, "format", "must be a GUID");
            } else if self.upstreams[..at].contains(upstream) {
                say(&field, "value", "is in the list already");
            }
        }
        if self.kind == Kind::Oauth2 && self.issuer.is_some() {
            say(
                "issuer",
                "value",
                "is not for the kind oauth2: it has authorizeUrl, tokenUrl and userinfoUrl",
            );
        }
    }

    /// Whether metadata say where it is asked, and people come with ID tokens.
    #[must_use]
    pub fn has_metadata(&self) -> bool {
        !matches!(self.kind, Kind::Github | Kind::Facebook | Kind::Oauth2)
    }

    /// Who it is, and where its metadata are if it has any; none if that is not decided.
    #[must_use]
    pub fn authority(&self) -> Option<String> {
        let base = || self.issuer.as_deref().or(preset::of(self.kind).base);
        match self.kind {
            Kind::Microsoft => {
                let tenant = self.ms_tenant.as_deref()?;
                Some(format!("{}/{tenant}/v2.0", base()?.trim_end_matches('/')))
            }
            Kind::Oauth2 => self.authorize_url.clone(),
            _ => base().map(str::to_owned),
        }
    }

    /// What its metadata call it, and what its tokens may. In one of Microsoft's, `{tenantid}` stands for the
    /// directory of the person.
    pub(super) fn issuers(&self) -> Vec<String> {
        let authority = self.authority().unwrap_or_default();
        match self.kind {
            Kind::Microsoft => {
                let tenant = self.ms_tenant.as_deref().unwrap_or_default();
                let directory = match tenant {
                    "common" | "organizations" => "{tenantid}",
                    "consumers" => CONSUMERS,
                    guid => guid,
                };
                let named = authority.replace(&format!("/{tenant}/v2.0"), &format!("/{directory}/v2.0"));
                vec![named]
            }
            Kind::Google => {
                let bare = authority.split_once("://").map(|(_, bare)| bare.to_owned());
                [Some(authority), bare].into_iter().flatten().collect()
            }
            _ => vec![authority],
        }
    }

    /// Where it is asked if it has no metadata.
    pub(super) fn endpoints(&self) -> Option<Endpoints> {
        let preset = preset::of(self.kind);
        if let (Some(paths), Some(own)) = (&preset.paths, preset.base) {
            return Some(paths.below(own, self.issuer.as_deref()));
        }
        Some(Endpoints {
            authorize: self.authorize_url.clone()?,
            token: self.token_url.clone()?,
            userinfo: self.userinfo_url.clone()?,
            emails: None,
        })
    }

    /// The members without which it cannot be asked.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let is_there = |name: &&&'static str| match **name {
            "issuer" => self.issuer.is_some(),
            "msTenant" => self.ms_tenant.is_some(),
            "appleTeamId" => self.apple_team_id.is_some(),
            "appleKeyId" => self.apple_key_id.is_some(),
            "authorizeUrl" => self.authorize_url.is_some(),
            "tokenUrl" => self.token_url.is_some(),
            "userinfoUrl" => self.userinfo_url.is_some(),
            _ => self.claims.sub.is_some(),
        };
        let needs = preset::of(self.kind).needs.iter();
        needs.filter(|name| !is_there(name)).copied().collect()
    }

    /// Whether what it calls somebody would be somebody else with the other, and a secret would be sent elsewhere.
    pub(super) fn is_elsewhere(&self, other: &Self) -> bool {
        self.authority() != other.authority() || self.endpoints() != other.endpoints()
    }

    /// Whether by its word accounts get addresses that nobody else proved, or identities that their owners did
    /// not link.
    pub(super) fn vouches(&self) -> bool {
        // Whoever looks after a tenant does not run the makers' servers; another base may be theirs.
        let is_theirs = self.kind == Kind::Oidc || self.issuer.is_some();
        (is_theirs && self.email_trust != EmailTrust::Never) || self.link == Link::Automatic
    }

    /// Whether an address is of the domains that are taken from it.
    #[must_use]
    pub fn has_domain(&self, address_key: &str) -> bool {
        let domain = address_key.rsplit('@').next().unwrap_or_default();
        self.domains.iter().any(|rule| rule.covers(domain))
    }
}
