//! What the tenant asks of people, and how it shows itself to them.

use super::identities::IdpType;
use crate::{
    access::permission::TenantGet,
    account::{SignUp, SignUpMode},
    console::Tag,
    extract::{Guest, Own},
    groups::rpc::Result,
    kit::{
        id::ProviderId,
        text::{Language, Seconds, Uint64},
    },
    password::{self, Class},
    provider::{self, Open},
    session::Sessions,
    setting::{self, Branding, Stored},
};
use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use tenantry_boxed::boxed;

/// The tenant is served.
#[derive(Debug, Object)]
pub struct HealthzResponse {}

/// The languages that pages and mails are in.
#[derive(Debug, Object)]
pub struct GetSupportedLanguagesResponse {
    /// Their tags (BCP 47).
    pub(crate) languages: Vec<String>,
}

/// What is asked of passwords.
#[derive(Debug, Object)]
pub struct GetMyPasswordComplexityPolicyResponse {
    pub(crate) policy: PasswordComplexityPolicy,
}

/// What is asked of passwords. There is more that these words do not say: common and guessable ones are refused.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct PasswordComplexityPolicy {
    /// The fewest characters; a 64-bit integer as a string.
    pub(crate) min_length: Uint64,
    /// Whether there must be an upper-case letter.
    pub(crate) has_uppercase: bool,
    /// Whether there must be a lower-case letter.
    pub(crate) has_lowercase: bool,
    /// Whether there must be a digit.
    pub(crate) has_number: bool,
    /// Whether there must be a character that is no letter and no digit.
    pub(crate) has_symbol: bool,
    /// Whether the tenant has decided nothing else than what a new one has.
    pub(crate) is_default: bool,
}

/// How people sign in.
#[derive(Debug, Object)]
pub struct GetMyLoginPolicyResponse {
    pub(crate) policy: LoginPolicy,
}

/// How people sign in.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct LoginPolicy {
    /// Whether they sign in by a password; always.
    pub(crate) allow_username_password: bool,
    /// Whether anybody may sign up.
    pub(crate) allow_register: bool,
    /// Whether they sign in through providers.
    pub(crate) allow_external_idp: bool,
    /// Whether the tenant has decided nothing else than what a new one has.
    pub(crate) is_default: bool,
    /// Whether a name that nobody has is answered as a wrong password is; always.
    pub(crate) ignore_unknown_usernames: bool,
    /// Where people go when they are done with a page.
    pub(crate) default_redirect_uri: Option<String>,
    /// How long a sign-in by a password lasts.
    pub(crate) password_check_lifetime: Seconds,
    /// How long a sign-in through a provider lasts.
    pub(crate) external_login_check_lifetime: Seconds,
    /// The providers, in the order in which people see them.
    pub(crate) idps: Vec<IdpLoginPolicyLink>,
    /// Whether nobody signs in by a telephone number; always.
    pub(crate) disable_login_with_phone: bool,
}

/// A provider that people sign in through.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct IdpLoginPolicyLink {
    /// Its id.
    #[oai(rename = "idpId")]
    pub(crate) id: ProviderId,
    /// What people call it.
    #[oai(rename = "idpName")]
    pub(crate) name: String,
    /// What it speaks.
    #[oai(rename = "idpType")]
    pub(crate) kind: IdpType,
}

/// How pages look.
#[derive(Debug, Object)]
pub struct GetMyLabelPolicyResponse {
    pub(crate) policy: LabelPolicy,
}

/// How pages look.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct LabelPolicy {
    /// The colour of buttons.
    pub(crate) primary_color: String,
    /// Whether the tenant has decided nothing else than what a new one has.
    pub(crate) is_default: bool,
    /// Whether names are shown without what follows them elsewhere; always, as nothing does.
    pub(crate) hide_login_name_suffix: bool,
    /// The same in the dark.
    pub(crate) primary_color_dark: String,
    /// Whether pages name nobody but the tenant; always.
    pub(crate) disable_watermark: bool,
    /// The address of a picture.
    pub(crate) logo_url: Option<String>,
    /// The same in the dark.
    pub(crate) logo_url_dark: Option<String>,
    /// Whether pages are light or dark.
    pub(crate) theme_mode: ThemeMode,
}

/// Whether pages are light or dark.
#[derive(Debug, Enum)]
pub enum ThemeMode {
    /// As whoever looks at them has it.
    #[oai(rename = "THEME_MODE_AUTO")]
    Auto,
}

/// Where people read what they agree to, and ask for help.
#[derive(Debug, Object)]
pub struct GetMyPrivacyPolicyResponse {
    pub(crate) policy: PrivacyPolicy,
}

/// Where people read what they agree to, and ask for help.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct PrivacyPolicy {
    /// The terms of service.
    pub(crate) tos_link: Option<String>,
    /// What is done with people's data.
    pub(crate) privacy_link: Option<String>,
    /// Whether the tenant has decided nothing else than what a new one has.
    pub(crate) is_default: bool,
    /// A page that helps.
    pub(crate) help_link: Option<String>,
    /// Where people ask for help.
    pub(crate) support_email: Option<String>,
}

impl PasswordComplexityPolicy {
    fn new(stored: &Stored<password::Policy>) -> Self {
        let policy = &stored.setting;
        let rules = policy.rules();
        let asks = |class: Class| rules.classes.contains(&class);
        Self {
            min_length: Uint64(rules.min_length.into()),
            has_uppercase: asks(Class::Upper),
            has_lowercase: asks(Class::Lower),
            has_number: asks(Class::Digit),
            has_symbol: asks(Class::Special),
            is_default: stored.is_default(),
        }
    }
}

impl From<Open> for IdpLoginPolicyLink {
    fn from(open: Open) -> Self {
        Self {
            id: open.id,
            name: open.display_name,
            kind: open.kind.into(),
        }
    }
}

/// The operations on what the tenant asks of people.
pub struct Api;

#[OpenApi(tag = "Tag::Tenant")]
#[boxed]
impl Api {
    /// Ask whether the tenant is served
    ///
    /// Its data can be read.
    #[oai(path = "/healthz", method = "get", operation_id = "Healthz")]
    pub(crate) async fn healthz(&self, guest: Guest<TenantGet>) -> Result<Json<HealthzResponse>> {
        guest.run(async |tx| setting::read::<Branding>(tx).await).await?;
        Ok(Json(HealthzResponse {}))
    }

    /// See the languages there are
    ///
    /// Those of pages and mails.
    #[oai(path = "/languages", method = "get", operation_id = "GetSupportedLanguages")]
    pub(crate) async fn get_supported_languages(
        &self,
        _caller: Own<TenantGet>,
    ) -> Result<Json<GetSupportedLanguagesResponse>> {
        let languages = Language::ALL.map(|language| language.tag().to_owned());
        Ok(Json(GetSupportedLanguagesResponse {
            languages: languages.into(),
        }))
    }

    /// See what is asked of passwords
    ///
    /// The rules that hold for the caller's next password, as far as these words can say it.
    #[oai(
        path = "/policies/passwords/complexity",
        method = "get",
        operation_id = "GetMyPasswordComplexityPolicy"
    )]
    pub(crate) async fn get_my_password_complexity_policy(
        &self,
        caller: Own<TenantGet>,
    ) -> Result<Json<GetMyPasswordComplexityPolicyResponse>> {
        let stored = caller.run(async |tx| setting::read_checked(tx).await).await?;
        Ok(Json(GetMyPasswordComplexityPolicyResponse {
            policy: PasswordComplexityPolicy::new(&stored),
        }))
    }

    /// See how people sign in
    ///
    /// By what, through whom, and for how long.
    #[oai(path = "/policies/login", method = "get", operation_id = "GetMyLoginPolicy")]
    pub(crate) async fn get_my_login_policy(&self, caller: Own<TenantGet>) -> Result<Json<GetMyLoginPolicyResponse>> {
        let (sign_up, sessions, branding, open) = caller
            .run(async |tx| {
                let sign_up = setting::read_checked::<SignUp>(tx).await?;
                let sessions = setting::read_checked::<Sessions>(tx).await?;
                let (branding, _) = setting::read::<Branding>(tx).await?;
                Ok((sign_up, sessions, branding, provider::open(tx).await?))
            })
            .await?;
        let lasts = Seconds(sessions.setting.absolute_seconds);
        let policy = LoginPolicy {
            allow_username_password: true,
            allow_register: sign_up.setting.mode == SignUpMode::Open,
            allow_external_idp: !open.is_empty(),
            is_default: sign_up.is_default() && sessions.is_default(),
            ignore_unknown_usernames: true,
            default_redirect_uri: branding.home_url,
            password_check_lifetime: lasts,
            external_login_check_lifetime: lasts,
            idps: open.into_iter().map(Into::into).collect(),
            disable_login_with_phone: true,
        };
        Ok(Json(GetMyLoginPolicyResponse { policy }))
    }

    /// See how pages look
    ///
    /// The colour and the picture of the tenant's pages.
    #[oai(path = "/policies/label", method = "get", operation_id = "GetMyLabelPolicy")]
    pub(crate) async fn get_my_label_policy(&self, caller: Own<TenantGet>) -> Result<Json<GetMyLabelPolicyResponse>> {
        let stored = caller
            .run(async |tx| setting::read_checked::<Branding>(tx).await)
            .await?;
        let brand = stored.setting.of(&caller.tenant, None);
        let url = caller.tenant_url();
        let address = |picture: &str| setting::address(&url, picture);
        let logo = brand.logo_url.as_deref().map(address);
        let policy = LabelPolicy {
            primary_color: brand.color.clone(),
            is_default: stored.is_default(),
            hide_login_name_suffix: true,
            primary_color_dark: brand.color,
            disable_watermark: true,
            logo_url_dark: brand.logo_url_dark.as_deref().map(address).or_else(|| logo.clone()),
            logo_url: logo,
            theme_mode: ThemeMode::Auto,
        };
        Ok(Json(GetMyLabelPolicyResponse { policy }))
    }

    /// See where people read what they agree to
    ///
    /// And where they ask for help.
    #[oai(path = "/policies/privacy", method = "get", operation_id = "GetMyPrivacyPolicy")]
    pub(crate) async fn get_my_privacy_policy(
        &self,
        caller: Own<TenantGet>,
    ) -> Result<Json<GetMyPrivacyPolicyResponse>> {
        let stored = caller
            .run(async |tx| setting::read_checked::<Branding>(tx).await)
            .await?;
        let links = stored.setting.of(&caller.tenant, None).links;
        let policy = PrivacyPolicy {
            tos_link: links.terms_url,
            privacy_link: links.privacy_url,
            is_default: stored.is_default(),
            help_link: links.help_url,
            support_email: links.contact_email,
        };
        Ok(Json(GetMyPrivacyPolicyResponse { policy }))
    }
}
