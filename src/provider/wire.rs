//! Providers on the wire of the console group.

use super::{
    LOCAL, Look, Looked, NewSecret, Provider,
    kind::{AuthMethod, EmailTrust, Kind, Link, SignUp},
    redirect_uri,
    spec::{ClaimPaths, Spec},
};
use crate::kit::{
    error::{Error, Result},
    listing::{ListRequest, Listing},
    object::{ExpectedMetadata, Metadata},
    page::page_object,
    text::{DisplayName, DomainRule, GivenSecret, Nullable, ProviderName},
    time::Timestamp,
};
use poem_openapi::{Enum, Object, types::MaybeUndefined};
use serde::Serialize;

/// A provider that people sign in through, as it is set up.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct AuthProviderConfig {
    /// `v1alpha1`.
    api_version: String,
    /// `AuthProviderConfig`.
    kind: String,
    metadata: Metadata,
    spec: Spec,
    status: AuthProviderConfigStatus,
}

/// How a provider stands.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct AuthProviderConfigStatus {
    /// Whether people may sign in through it.
    enabled: bool,
    /// The members without which nobody can.
    missing: Vec<String>,
    /// The redirect URI that is to be registered with the provider.
    redirect_uri: String,
    /// When its secret was given; there is none if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_set_at: Option<Timestamp>,
    /// When somebody last signed in through it, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_at: Option<Timestamp>,
    /// What last went wrong with it, in its own words where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error_at: Option<Timestamp>,
}

/// How a provider looks.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct AuthProviderTrial {
    /// What was looked at, in this order; what could not be reached is not there.
    checks: Vec<AuthProviderCheck>,
    /// Where the caller signs in at the provider and sees what it says of them.
    dry_run_url: String,
}

/// One look at a provider.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AuthProviderCheck {
    /// What was looked at.
    check: Look,
    /// Whether it is as it must be.
    ok: bool,
    /// What was seen, in the provider's words where it has any.
    detail: String,
}

impl AuthProviderTrial {
    pub(super) fn new(looked: Vec<Looked>, base: &str, name: &ProviderName) -> Self {
        let check = |looked: Looked| AuthProviderCheck {
            check: looked.at,
            ok: looked.ok,
            detail: looked.detail,
        };
        Self {
            checks: looked.into_iter().map(check).collect(),
            dry_run_url: format!("{base}/login/with/{name}?purpose=try"),
        }
    }
}

page_object!(
    /// One page of providers.
    AuthProviderConfigList of AuthProviderConfig
);

/// A provider to be set up.
#[derive(Debug, Object)]
pub struct CreateAuthProviderConfigRequest {
    metadata: NewAuthProviderConfigMetadata,
    spec: NewAuthProviderConfigSpec,
}

/// What a provider to be set up is called.
#[derive(Debug, Object)]
pub struct NewAuthProviderConfigMetadata {
    /// Its name, which is in the redirect URI and never changes.
    name: ProviderName,
}

/// What is decided about a provider to be set up; what is absent begins with a default.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewAuthProviderConfigSpec {
    /// What it speaks.
    kind: Kind,
    /// What people call it.
    display_name: DisplayName,
    #[oai(flatten)]
    edit: EditAuthProviderConfigSpec,
}

/// What a provider is from now on; what is absent begins with a default again, but the secret stays.
#[derive(Debug, Object)]
pub struct UpdateAuthProviderConfigRequest {
    metadata: Option<ExpectedMetadata>,
    spec: NewAuthProviderConfigSpec,
}

/// What is to change in a provider (RFC 7396); what is absent stays.
#[derive(Debug, Object)]
pub struct PatchAuthProviderConfigRequest {
    metadata: Option<ExpectedMetadata>,
    spec: Option<PatchAuthProviderConfigSpec>,
}

/// What is to change in what is decided about a provider; lists are replaced whole.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct PatchAuthProviderConfigSpec {
    /// What people call it.
    display_name: Option<DisplayName>,
    #[oai(flatten)]
    edit: EditAuthProviderConfigSpec,
}

/// What is decided about a provider.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct EditAuthProviderConfigSpec {
    /// Its place among the others: the lowest comes first.
    #[oai(validator(minimum(value = "0"), maximum(value = "10000")))]
    priority: Option<i32>,
    /// What the tenant is called there.
    #[oai(validator(max_length = 500))]
    client_id: Option<String>,
    /// The secret that it gave the tenant. Absent it stays, null removes it; no answer ever has it. It has to come
    /// again with another client id or issuer.
    client_secret: Nullable<GivenSecret>,
    /// When the provider takes the secret no more, as it says.
    secret_expires_at: Nullable<Timestamp>,
    /// The issuer, letter by letter as its metadata have it. They are read at once. Of a maker's kind the base of
    /// another of its clouds or of a GitHub Enterprise Server.
    #[oai(validator(min_length = 1, max_length = 500))]
    issuer: Nullable<String>,
    /// With `oauth2`: where people sign in.
    #[oai(validator(min_length = 1, max_length = 500))]
    authorize_url: Nullable<String>,
    /// With `oauth2`: where codes are exchanged. The secret has to come again with another one.
    #[oai(validator(min_length = 1, max_length = 500))]
    token_url: Nullable<String>,
    /// With `oauth2`: where it tells who somebody is, as JSON.
    #[oai(validator(min_length = 1, max_length = 500))]
    userinfo_url: Nullable<String>,
    /// With `oauth2`: where in that JSON it says what; replaced whole.
    claims: Option<ClaimPaths>,
    /// With `apple`: the team's id. The client secret is the key (.p8) without line breaks.
    #[oai(validator(max_length = 10))]
    apple_team_id: Nullable<String>,
    /// With `apple`: the id of the key that is the client secret.
    #[oai(validator(max_length = 10))]
    apple_key_id: Nullable<String>,
    /// With `microsoft`: whose people sign in: `common`, `organizations`, `consumers` or the GUID of a directory.
    #[oai(validator(max_length = 36))]
    ms_tenant: Nullable<String>,
    /// With `microsoft`: the GUIDs of the directories whose people are taken; all if none is named.
    #[oai(validator(max_items = 50))]
    upstreams: Option<Vec<String>>,
    /// What is asked for; `openid` is always among it.
    #[oai(validator(max_items = 20))]
    scopes: Option<Vec<String>>,
    /// How the tenant proves there who it is.
    auth_method: Option<AuthMethod>,
    /// Whether identities that are linked sign in.
    sign_in: Option<bool>,
    /// Whether accounts are made through it.
    sign_up: Option<SignUp>,
    /// How an identity comes to an account that is there with the same address.
    link: Option<Link>,
    /// What its word on addresses is worth.
    email_trust: Option<EmailTrust>,
    /// The domains of addresses that are taken from it; all if none is named.
    #[oai(validator(max_items = 50))]
    domains: Option<Vec<DomainRule>>,
}

impl EditAuthProviderConfigSpec {
    fn apply(self, spec: &mut Spec) -> NewSecret {
        macro_rules! replace {
            ($($member:ident)+) => {$(
                if let Some(value) = self.$member {
                    spec.$member = value;
                }
            )+};
        }
        macro_rules! set_each {
            ($($member:ident)+) => {$(spec.$member = self.$member.or(spec.$member.take());)+};
        }
        replace!(priority client_id scopes auth_method sign_in sign_up link email_trust domains upstreams claims);
        set_each!(issuer authorize_url token_url userinfo_url apple_team_id apple_key_id ms_tenant);
        set_each!(secret_expires_at);
        match self.client_secret.0 {
            MaybeUndefined::Undefined => NewSecret::Same,
            MaybeUndefined::Null => NewSecret::Removed,
            MaybeUndefined::Value(secret) => NewSecret::Given(secret),
        }
    }
}

impl CreateAuthProviderConfigRequest {
    pub(super) fn accept(self) -> (ProviderName, Spec, Option<GivenSecret>) {
        let mut spec = Spec::new(self.spec.kind, self.spec.display_name);
        match self.spec.edit.apply(&mut spec) {
            NewSecret::Given(secret) => (self.metadata.name, spec, Some(secret)),
            NewSecret::Same | NewSecret::Removed => (self.metadata.name, spec, None),
        }
    }
}

impl UpdateAuthProviderConfigRequest {
    /// The version that is expected, and what is decided from now on.
    pub(super) fn accept(self) -> (Option<i64>, Spec, NewSecret) {
        let expected = self.metadata.and_then(|metadata| metadata.version);
        let mut spec = Spec::new(self.spec.kind, self.spec.display_name);
        let secret = self.spec.edit.apply(&mut spec);
        (expected, spec, secret)
    }
}

impl PatchAuthProviderConfigRequest {
    pub(super) fn expected(&self) -> Option<i64> {
        self.metadata.as_ref().and_then(|metadata| metadata.version)
    }

    /// Where the provider is from now on, if it is to be somewhere else.
    pub(super) fn place(&self, old: &Provider) -> Option<Spec> {
        let edit = &self.spec.as_ref()?.edit;
        let mut spec = old.spec.clone();
        let members = [
            (&mut spec.issuer, &edit.issuer),
            (&mut spec.authorize_url, &edit.authorize_url),
            (&mut spec.token_url, &edit.token_url),
            (&mut spec.userinfo_url, &edit.userinfo_url),
            (&mut spec.ms_tenant, &edit.ms_tenant),
        ];
        for (member, new) in members {
            *member = new.clone().or(member.take());
        }
        spec.is_elsewhere(&old.spec).then_some(spec)
    }

    /// What is decided about this provider from now on.
    pub(super) fn accept(self, old: &Provider) -> (Spec, NewSecret) {
        let mut spec = old.spec.clone();
        let patch = self.spec.unwrap_or_default();
        if let Some(name) = patch.display_name {
            spec.display_name = name;
        }
        let secret = patch.edit.apply(&mut spec);
        (spec, secret)
    }
}

impl AuthProviderConfig {
    /// In the tenant of this address.
    pub(super) fn new(of: &Provider, base: &str) -> Self {
        let row = &of.row;
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "AuthProviderConfig".to_owned(),
            metadata: Metadata {
                version: row.version,
                ..Metadata::of(&row.name, row.created_at)
            },
            spec: of.spec.clone(),
            status: AuthProviderConfigStatus {
                enabled: row.enabled,
                missing: of.missing().into_iter().map(str::to_owned).collect(),
                redirect_uri: redirect_uri(base, &row.name),
                secret_set_at: row.secret_set_at.map(Into::into),
                last_success_at: row.last_success_at.map(Into::into),
                last_error: row.last_error.clone(),
                last_error_at: row.last_error_at.map(Into::into),
            },
        }
    }
}

/// What the list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderOrder {
    /// By its place among the others.
    Priority,
    /// By its name.
    Name,
}

impl Listing for AuthProviderConfig {
    type Field = fn(&Provider) -> &str;
    type Order = ProviderOrder;
    const FIELDS: &'static [(&'static str, Self::Field)] = &[("metadata.name", |of| of.name())];
    const ORDERS: &'static [(&'static str, ProviderOrder)] = &[
        ("spec.priority", ProviderOrder::Priority),
        ("metadata.name", ProviderOrder::Name),
    ];
}

impl AuthProviderConfig {
    pub(super) fn list(all: Vec<Provider>, asked: &ListRequest<Self>, base: &str) -> Result<AuthProviderConfigList> {
        let is_asked = |of: &Provider| asked.fields.iter().all(|given| given.values.has((given.field)(of)));
        let key = |of: &Provider, order| match order {
            ProviderOrder::Priority => format!("{:010}", of.spec.priority),
            ProviderOrder::Name => of.name().to_owned(),
        };
        let all = all.into_iter().filter(is_asked);
        let listed = asked.of_memory("auth-provider-configs", all, ProviderOrder::Name, key)?;
        Ok(listed.map(|of| Self::new(&of, base)).into())
    }
}

/// How somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "UPPERCASE")]
#[serde(rename_all = "UPPERCASE")]
pub enum AuthType {
    /// With a form of this server.
    Form,
    /// At a provider.
    Oauth2,
}

/// A way to sign in, as Halo's console knows it.
#[expect(clippy::struct_excessive_bools, reason = "each is a member that Halo's clients read")]
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct AuthProvider {
    /// Its name.
    name: String,
    /// What people call it.
    display_name: String,
    /// Where people sign in by it.
    authentication_url: String,
    /// Where people add it to the account they are signed in to.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding_url: Option<String>,
    /// How somebody signs in.
    auth_type: AuthType,
    /// Whether people may sign in by it.
    enabled: bool,
    /// Whether it is always there.
    privileged: bool,
    /// Whether the caller's account is linked to an identity there.
    is_bound: bool,
    /// Whether accounts can be linked to identities there.
    supports_binding: bool,
    /// Its place among the others: the lowest comes first.
    priority: i32,
}

impl AuthProvider {
    /// Name and password, in the tenant of this address.
    pub(super) fn local(base: &str) -> Self {
        Self {
            name: LOCAL.to_owned(),
            display_name: "Password".to_owned(),
            authentication_url: format!("{base}/login"),
            binding_url: None,
            auth_type: AuthType::Form,
            enabled: true,
            privileged: true,
            is_bound: false,
            supports_binding: false,
            priority: 0,
        }
    }

    /// A provider, in the tenant of this address.
    pub(super) fn new(of: &Provider, base: &str, is_bound: bool) -> Self {
        let url = format!("{base}/login/with/{}", of.name());
        Self {
            name: of.name().to_owned(),
            display_name: of.spec.display_name.to_string(),
            binding_url: Some(format!("{url}?purpose=link")),
            authentication_url: url,
            auth_type: AuthType::Oauth2,
            enabled: of.is_enabled(),
            privileged: false,
            is_bound,
            supports_binding: true,
            priority: of.spec.priority,
        }
    }
}

/// The error with the fields of a provider where requests have them.
pub(super) fn placed(error: Error) -> Error {
    crate::application::wire::placed(error)
}
