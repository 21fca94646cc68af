//! `/policies` of the console group: what a tenant decides for itself.

use super::{
    Application, Authentication, Branding,
    wire::{self, policy_objects},
};
use crate::{
    access::{
        Caller,
        permission::{PoliciesGet, PoliciesUpdate},
    },
    groups::Tag,
    kit::{
        error::{Error, Result},
        http::Body,
        object::{Expected, Versioned},
        text::DisplayName,
    },
};
use poem_openapi::{Object, OpenApi, param::Header};

policy_objects! {
    /// How people of the tenant may say who they are.
    AuthenticationPolicy,
    /// How people of the tenant may say who they are from now on.
    UpdateAuthenticationPolicyRequest: AuthenticationSpec of Authentication
}

policy_objects! {
    /// How the tenant and its applications show themselves.
    BrandingPolicy,
    /// How the tenant and its applications show themselves from now on.
    UpdateBrandingPolicyRequest: BrandingSpec of Branding
}

/// How people may say who they are.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AuthenticationSpec {
    /// Whether a request may bring name and password itself (HTTP Basic, RFC 7617). Each such
    /// request costs a password hash.
    basic_auth: bool,
}

impl From<&Authentication> for AuthenticationSpec {
    fn from(policy: &Authentication) -> Self {
        Self {
            basic_auth: policy.basic,
        }
    }
}

impl From<AuthenticationSpec> for Authentication {
    fn from(spec: AuthenticationSpec) -> Self {
        Self { basic: spec.basic_auth }
    }
}

/// How the tenant and its applications show themselves: on its pages and in its mails.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct BrandingSpec {
    /// What people call the tenant; the name it was made with if absent.
    display_name: Option<DisplayName>,
    /// The colour of buttons.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    color: String,
    /// An https address of a picture.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    logo_url: Option<String>,
    /// Where people go when they are done with a page.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    home_url: Option<String>,
    /// The applications that show themselves otherwise.
    #[oai(default, validator(max_items = 100))]
    applications: Vec<ApplicationBranding>,
}

/// How one application shows itself; what it does not say is as the tenant's.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct ApplicationBranding {
    /// What it calls itself in requests.
    #[oai(validator(min_length = 1, max_length = 200))]
    client_id: String,
    /// What people call it.
    display_name: DisplayName,
    /// The colour of buttons.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    color: Option<String>,
    /// An https address of a picture.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    logo_url: Option<String>,
    /// Where people go when they are done with a page.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    home_url: Option<String>,
}

impl From<&Branding> for BrandingSpec {
    fn from(branding: &Branding) -> Self {
        let one = |(id, application): (&String, &Application)| ApplicationBranding {
            client_id: id.clone(),
            display_name: application.display_name.clone(),
            color: application.color.clone(),
            logo_url: application.logo_url.clone(),
            home_url: application.home_url.clone(),
        };
        Self {
            display_name: branding.display_name.clone(),
            color: branding.color.clone(),
            logo_url: branding.logo_url.clone(),
            home_url: branding.home_url.clone(),
            applications: branding.applications.iter().map(one).collect(),
        }
    }
}

impl TryFrom<BrandingSpec> for Branding {
    type Error = Error;

    fn try_from(spec: BrandingSpec) -> Result<Self> {
        let one = |application: ApplicationBranding| {
            let shown = Application {
                display_name: application.display_name,
                color: application.color,
                logo_url: application.logo_url,
                home_url: application.home_url,
            };
            (application.client_id, shown)
        };
        let named = spec.applications.len();
        let branding = Self {
            display_name: spec.display_name,
            color: spec.color,
            logo_url: spec.logo_url,
            home_url: spec.home_url,
            applications: spec.applications.into_iter().map(one).collect(),
        };
        match branding.applications.len() == named {
            true => Ok(branding),
            false => Err(Error::field(
                "spec.applications",
                "value",
                "may name each clientId once",
            )),
        }
    }
}

/// The policies' operations.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
impl Api {
    /// See how people may say who they are
    #[oai(path = "/authentication", method = "get", operation_id = "GetAuthenticationPolicy")]
    async fn get_authentication(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<AuthenticationPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how people may say who they are
    ///
    /// Holds from the next request on.
    #[oai(
        path = "/authentication",
        method = "put",
        operation_id = "UpdateAuthenticationPolicy"
    )]
    async fn update_authentication(
        &self,
        caller: Caller<PoliciesUpdate>,
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateAuthenticationPolicyRequest>,
    ) -> Result<Versioned<AuthenticationPolicy>> {
        let UpdateAuthenticationPolicyRequest { metadata, spec } = new.0;
        wire::put(&caller, Expected::new(if_match, metadata), spec).await
    }

    /// See how the tenant shows itself
    #[oai(path = "/branding", method = "get", operation_id = "GetBrandingPolicy")]
    async fn get_branding(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<BrandingPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how the tenant shows itself
    ///
    /// On its pages and in its mails, and those of applications that are named by the `clientId`
    /// they send.
    #[oai(path = "/branding", method = "put", operation_id = "UpdateBrandingPolicy")]
    async fn update_branding(
        &self,
        caller: Caller<PoliciesUpdate>,
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateBrandingPolicyRequest>,
    ) -> Result<Versioned<BrandingPolicy>> {
        let UpdateBrandingPolicyRequest { metadata, spec } = new.0;
        wire::put(&caller, Expected::new(if_match, metadata), spec).await
    }
}
