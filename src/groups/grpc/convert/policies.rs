//! Answers about what the tenant asks of people.

use crate::{groups::me::policies, kit::text::Seconds};
use tenantry_proto::{
    Duration,
    zitadel::{
        auth::v1::{
            GetMyLabelPolicyResponse, GetMyLoginPolicyResponse, GetMyPasswordComplexityPolicyResponse,
            GetMyPrivacyPolicyResponse, GetSupportedLanguagesResponse, HealthzResponse,
        },
        idp::v1::{IdpLoginPolicyLink, IdpType},
        policy::v1::{LabelPolicy, LoginPolicy, PasswordComplexityPolicy, PrivacyPolicy, ThemeMode},
    },
};

fn lasts(Seconds(seconds): Seconds) -> Duration {
    Duration {
        seconds: seconds.into(),
        nanos: 0,
    }
}

impl From<policies::HealthzResponse> for HealthzResponse {
    fn from(_: policies::HealthzResponse) -> Self {
        Self {}
    }
}

impl From<policies::GetSupportedLanguagesResponse> for GetSupportedLanguagesResponse {
    fn from(from: policies::GetSupportedLanguagesResponse) -> Self {
        Self {
            languages: from.languages,
        }
    }
}

/// An answer with a policy.
macro_rules! policy {
    ($($answer:ident),+) => {$(
        impl From<policies::$answer> for $answer {
            fn from(from: policies::$answer) -> Self {
                Self {
                    policy: Some(from.policy.into()),
                }
            }
        }
    )+};
}

policy!(
    GetMyPasswordComplexityPolicyResponse,
    GetMyLoginPolicyResponse,
    GetMyLabelPolicyResponse,
    GetMyPrivacyPolicyResponse
);

impl From<policies::PasswordComplexityPolicy> for PasswordComplexityPolicy {
    fn from(from: policies::PasswordComplexityPolicy) -> Self {
        Self {
            details: None,
            min_length: from.min_length.0,
            has_uppercase: from.has_uppercase,
            has_lowercase: from.has_lowercase,
            has_number: from.has_number,
            has_symbol: from.has_symbol,
            is_default: from.is_default,
        }
    }
}

impl From<policies::LoginPolicy> for LoginPolicy {
    fn from(from: policies::LoginPolicy) -> Self {
        Self {
            allow_username_password: from.allow_username_password,
            allow_register: from.allow_register,
            allow_external_idp: from.allow_external_idp,
            is_default: from.is_default,
            ignore_unknown_usernames: from.ignore_unknown_usernames,
            default_redirect_uri: from.default_redirect_uri.unwrap_or_default(),
            password_check_lifetime: Some(lasts(from.password_check_lifetime)),
            external_login_check_lifetime: Some(lasts(from.external_login_check_lifetime)),
            idps: from.idps.into_iter().map(Into::into).collect(),
            disable_login_with_phone: from.disable_login_with_phone,
            ..Self::default()
        }
    }
}

impl From<policies::IdpLoginPolicyLink> for IdpLoginPolicyLink {
    fn from(from: policies::IdpLoginPolicyLink) -> Self {
        Self {
            idp_id: from.id.to_string(),
            idp_name: from.name,
            idp_type: IdpType::from(from.kind).into(),
        }
    }
}

impl From<policies::LabelPolicy> for LabelPolicy {
    fn from(from: policies::LabelPolicy) -> Self {
        let policies::ThemeMode::Auto = from.theme_mode;
        Self {
            primary_color: from.primary_color,
            is_default: from.is_default,
            hide_login_name_suffix: from.hide_login_name_suffix,
            primary_color_dark: from.primary_color_dark,
            disable_watermark: from.disable_watermark,
            logo_url: from.logo_url.unwrap_or_default(),
            logo_url_dark: from.logo_url_dark.unwrap_or_default(),
            theme_mode: ThemeMode::Auto.into(),
            ..Self::default()
        }
    }
}

impl From<policies::PrivacyPolicy> for PrivacyPolicy {
    fn from(from: policies::PrivacyPolicy) -> Self {
        Self {
            tos_link: from.tos_link.unwrap_or_default(),
            privacy_link: from.privacy_link.unwrap_or_default(),
            is_default: from.is_default,
            help_link: from.help_link.unwrap_or_default(),
            support_email: from.support_email.unwrap_or_default(),
            ..Self::default()
        }
    }
}
