//! Applications on the wire of the console group.

use super::{
    Application as Known, NewSecret, Secret,
    kind::{AuthMethod, Grant, Origin, Preset, Rotation, SubjectType},
    spec::{Audience, Claim, Spec},
};
use crate::{
    key::Algorithm,
    kit::{
        error::{Error, Result},
        object::{ExpectedMetadata, Metadata},
        page::page_object,
        secret::random,
        text::{ClientId, DisplayName, Nullable},
        time::Timestamp,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem_openapi::Object;
use serde::Serialize;

/// An application that people sign in to, or a program that calls for itself: a client of OAuth 2.0.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// `v1alpha1`.
    api_version: String,
    /// `Application`.
    kind: String,
    metadata: Metadata,
    spec: Spec,
    status: ApplicationStatus,
}

/// What the server adds to an application.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationStatus {
    /// What it was made as.
    preset: Preset,
    /// Who made it; one that is built in can only be disabled and enabled.
    origin: Origin,
    /// Whether it keeps no secret.
    public: bool,
    /// Whether nobody can sign in to it, and it can call nothing.
    disabled: bool,
    /// When it last proved who it is, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

page_object!(
    /// One page of applications.
    ApplicationList of Application
);

/// An application to be made.
#[derive(Debug, Object)]
pub struct CreateApplicationRequest {
    /// What it is, which decides what it begins with.
    pub(super) preset: Preset,
    metadata: Option<NewApplicationMetadata>,
    /// What is not as the preset has it.
    spec: Option<EditSpec>,
}

/// The handle of an application to be made.
#[derive(Debug, Default, Object)]
pub struct NewApplicationMetadata {
    /// Its `client_id`, which never changes; a random one if absent.
    name: Option<ClientId>,
}

/// What is to change in an application (RFC 7396); what is absent stays.
#[derive(Debug, Object)]
pub struct PatchApplicationRequest {
    metadata: Option<ExpectedMetadata>,
    spec: Option<EditSpec>,
}

/// What is to change in what is decided about an application; lists are replaced whole, and null is for
/// what there need not be.
#[derive(Debug, Default, Object)]
#[oai(rename = "EditApplicationSpec", rename_all = "camelCase")]
pub struct EditSpec {
    /// What people call it; its name, if it is made without.
    display_name: Option<DisplayName>,
    /// What it is for.
    #[oai(validator(max_length = 1000))]
    description: Option<String>,
    /// The colour of buttons.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    color: Nullable<String>,
    /// An https address of a picture.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    logo_url: Nullable<String>,
    /// Where people go when they are done with a page.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    home_url: Nullable<String>,
    /// What it does with what it learns.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    policy_url: Nullable<String>,
    /// What its users agree to.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    terms_url: Nullable<String>,
    /// Where it is told that a session ended (OpenID Connect Back-Channel Logout 1.0).
    backchannel_logout_uri: Nullable<String>,
    /// Whether it is the tenant's own, so that nobody is asked for consent.
    first_party: Option<bool>,
    /// How it may come to tokens.
    #[oai(validator(max_items = 10))]
    grants: Option<Vec<Grant>>,
    /// How it may prove who it is; `none` alone for one that keeps no secret.
    #[oai(validator(max_items = 10))]
    auth_methods: Option<Vec<AuthMethod>>,
    /// Whether it must use PKCE (RFC 7636).
    require_pkce: Option<bool>,
    /// Whether a refresh token is replaced when it is used.
    rotation: Option<Rotation>,
    /// Whether it knows users by a `sub` of its own.
    subject_type: Option<SubjectType>,
    /// What signs its ID tokens.
    id_token_alg: Option<Algorithm>,
    /// What signs its access tokens for this server.
    access_token_alg: Option<Algorithm>,
    /// Whether claims of scopes are in ID tokens as well, and not only in userinfo.
    claims_in_id_token: Option<bool>,
    /// Seconds for which an access token is valid.
    #[oai(validator(minimum(value = "60"), maximum(value = "86400")))]
    access_token_seconds: Nullable<u32>,
    /// Seconds for which an ID token is valid.
    #[oai(validator(minimum(value = "60"), maximum(value = "86400")))]
    id_token_seconds: Nullable<u32>,
    /// Seconds a refresh token may lie unused.
    #[oai(validator(minimum(value = "300"), maximum(value = "31536000")))]
    refresh_idle_seconds: Nullable<u32>,
    /// Seconds after which it ends, however busy.
    #[oai(validator(minimum(value = "300"), maximum(value = "31536000")))]
    refresh_absolute_seconds: Nullable<u32>,
    /// Where people come back to when they have signed in, as browsers write it.
    #[oai(validator(max_items = 50))]
    redirect_uris: Option<Vec<String>>,
    /// Where people come back to when they have signed out.
    #[oai(validator(max_items = 50))]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Where pages that call this server come from, besides the origins of `redirectUris`.
    #[oai(validator(max_items = 50))]
    allowed_origins: Option<Vec<String>>,
    /// Scopes of this server that it may ask for.
    #[oai(validator(max_items = 100))]
    scopes: Option<Vec<String>>,
    /// The APIs whose tokens it may ask for.
    #[oai(validator(max_items = 50))]
    audiences: Option<Vec<Audience>>,
    /// Roles that it has when it calls for itself.
    #[oai(validator(max_items = 50))]
    roles: Option<Vec<String>>,
    /// Roles whose holders may sign in to it; everybody if there is none.
    #[oai(validator(max_items = 50))]
    access_roles: Option<Vec<String>>,
    /// Claims that it is told by another name or in another form.
    #[oai(validator(max_items = 50))]
    claims: Option<Vec<Claim>>,
}

/// A secret of an application or of an API, without the secret itself.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct ClientSecret {
    /// `v1alpha1`.
    api_version: String,
    /// `ClientSecret`.
    kind: String,
    metadata: Metadata,
    spec: ClientSecretSpec,
    status: ClientSecretStatus,
}

/// Until when a secret is good.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretSpec {
    /// When it is good no more; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// A secret that was only just made, and the secret itself, which no other answer has.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct NewClientSecret {
    /// `v1alpha1`.
    api_version: String,
    /// `ClientSecret`.
    kind: String,
    metadata: Metadata,
    spec: NewClientSecretSpec,
    status: ClientSecretStatus,
}

/// A secret, and until when it is good.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct NewClientSecretSpec {
    /// The secret: 43 characters.
    secret: String,
    /// When it is good no more; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// How a secret is told from others, and whether it is still in use.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretStatus {
    /// Its last four characters.
    hint: String,
    /// When it was last used, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

/// The secrets that are good, the oldest first.
#[derive(Debug, Object, Serialize)]
pub struct ClientSecretList {
    /// One, or two while one takes the place of the other.
    #[oai(validator(max_items = 2))]
    items: Vec<ClientSecret>,
}

/// A secret to be made.
#[derive(Debug, Default, Object)]
pub struct CreateSecretRequest {
    spec: Option<CreateSecretSpec>,
}

/// Until when a secret is to be good.
#[derive(Debug, Default, Object)]
#[oai(rename = "CreateSecretSpec", rename_all = "camelCase")]
pub struct CreateSecretSpec {
    /// When it is good no more; never if absent.
    expires_at: Option<Timestamp>,
}

impl CreateSecretRequest {
    pub(crate) fn expires_at(self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.spec.and_then(|spec| spec.expires_at).map(|at| at.0)
    }
}

/// What is kept of a secret, whosever it is.
pub(crate) struct Kept<'a> {
    pub(crate) id: crate::kit::id::SecretId,
    pub(crate) hint: &'a str,
    pub(crate) created_at: chrono::DateTime<chrono::Utc>,
    pub(crate) expires_at: Option<chrono::DateTime<chrono::Utc>>,
    pub(crate) last_used_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl From<Kept<'_>> for ClientSecret {
    fn from(kept: Kept<'_>) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "ClientSecret".to_owned(),
            metadata: Metadata::of(&kept.id, kept.created_at),
            spec: ClientSecretSpec {
                expires_at: kept.expires_at.map(Into::into),
            },
            status: ClientSecretStatus {
                hint: kept.hint.to_owned(),
                last_used_at: kept.last_used_at.map(Into::into),
            },
        }
    }
}

impl NewClientSecret {
    /// What is kept of a secret, and the secret itself.
    pub(crate) fn new(kept: Kept<'_>, plain: &str) -> Self {
        let ClientSecret {
            api_version,
            kind,
            metadata,
            spec,
            status,
        } = kept.into();
        Self {
            api_version,
            kind,
            metadata,
            spec: NewClientSecretSpec {
                secret: plain.to_owned(),
                expires_at: spec.expires_at,
            },
            status,
        }
    }
}

impl<'a> From<&'a Secret> for Kept<'a> {
    fn from(row: &'a Secret) -> Self {
        Self {
            id: row.id,
            hint: &row.hint,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

impl From<&NewSecret> for NewClientSecret {
    fn from(made: &NewSecret) -> Self {
        Self::new((&made.row).into(), &made.plain)
    }
}

impl ClientSecretList {
    /// These, in this order.
    pub(crate) fn of<'a>(kept: impl Iterator<Item = Kept<'a>>) -> Self {
        Self {
            items: kept.map(Into::into).collect(),
        }
    }
}

impl From<&Known> for Application {
    fn from(known: &Known) -> Self {
        let row = &known.row;
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Application".to_owned(),
            metadata: Metadata {
                version: row.version,
                ..Metadata::of(&row.name, row.created_at)
            },
            spec: known.spec.clone(),
            status: ApplicationStatus {
                preset: row.preset,
                origin: row.origin,
                public: known.spec.is_public(),
                disabled: row.disabled,
                last_used_at: row.last_used_at.map(Into::into),
            },
        }
    }
}

impl CreateApplicationRequest {
    /// The name of the application to be made, and what is decided about it.
    pub(super) fn accept(self) -> Result<(ClientId, Spec)> {
        let made = || {
            URL_SAFE_NO_PAD
                .encode(random::<16>())
                .parse()
                .map_err(anyhow::Error::msg)
        };
        let name = self.metadata.unwrap_or_default().name;
        let name = name.map_or_else(made, Ok)?;
        let edit = self.spec.unwrap_or_default();
        let called = name.to_string().chars().take(100).collect::<String>().parse();
        let mut spec = Spec::new(self.preset, called.map_err(anyhow::Error::msg)?);
        edit.apply(&mut spec);
        Ok((name, spec))
    }
}

impl PatchApplicationRequest {
    pub(super) fn expected(&self) -> Option<i64> {
        self.metadata.as_ref().and_then(|metadata| metadata.version)
    }

    /// What is decided about this application from now on.
    pub(super) fn accept(self, old: &Known) -> Spec {
        let mut spec = old.spec.clone();
        self.spec.unwrap_or_default().apply(&mut spec);
        spec
    }
}

impl EditSpec {
    fn apply(self, spec: &mut Spec) {
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
        replace!(display_name description first_party grants auth_methods require_pkce rotation subject_type);
        replace!(id_token_alg access_token_alg claims_in_id_token redirect_uris post_logout_redirect_uris);
        replace!(allowed_origins scopes audiences roles access_roles claims);
        set_each!(color logo_url home_url policy_url terms_url backchannel_logout_uri);
        set_each!(access_token_seconds id_token_seconds refresh_idle_seconds refresh_absolute_seconds);
    }
}

/// The error with the fields of an application or an API where requests have them.
pub(crate) fn placed(error: Error) -> Error {
    let Error::Invalid(mut fields) = error else {
        return error;
    };
    for wrong in &mut fields {
        let part = match wrong.field.split(['.', '[']).next() {
            Some("name") => "metadata.",
            // As they were sent.
            Some("spec" | "metadata" | "status" | "kind" | "apiVersion") => "",
            _ => "spec.",
        };
        wrong.field.insert_str(0, part);
    }
    Error::Invalid(fields)
}
