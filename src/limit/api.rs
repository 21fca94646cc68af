//! `/policies/limits` of the console group.

use super::Limits;
use crate::{
    access::{
        Caller,
        permission::{PoliciesGet, PoliciesUpdate},
    },
    groups::Tag,
    kit::{
        error::{Error, FieldError, Result},
        http::Body,
        limiter::{Delay, Quota},
        object::{Expected, Versioned},
    },
    setting::wire::{self, policy_objects},
};
use poem_openapi::{Object, OpenApi, param::Header};

policy_objects! {
    /// How often things may be tried.
    LimitPolicy,
    /// How often things may be tried from now on.
    UpdateLimitPolicyRequest: LimitSpec of Limits
}

/// So often within so long, counted from the first time on.
#[derive(Debug, Object)]
pub struct QuotaSpec {
    /// How often.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    most: u32,
    /// Within how many seconds.
    #[oai(validator(minimum(value = "1"), maximum(value = "2592000")))]
    seconds: u32,
}

/// Some failures in a row are free; each further one asks for a wait twice as long as the one
/// before. A day without a failure forgets them all.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DelaySpec {
    /// Failures without a wait.
    #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
    free: u32,
    /// Seconds to wait after the last free one.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    first_seconds: u32,
    /// Seconds no wait is longer than.
    #[oai(validator(minimum(value = "1"), maximum(value = "86400")))]
    longest_seconds: u32,
    /// Failures in a row after which the wait is a day; NIST SP 800-63B-4 asks for at
    /// most 100, and an account has two that are counted: its name and its address.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    most: u32,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $field:ident: $kind:ident;)+) => {
        /// Every limit. A network is an IPv4 address or an IPv6 /64.
        #[derive(Debug, Object)]
        #[oai(rename_all = "camelCase")]
        pub struct LimitSpec {
            $($(#[doc = $doc])+ $field: $kind,)+
        }

        impl From<&Limits> for LimitSpec {
            fn from(limits: &Limits) -> Self {
                Self { $($field: limits.$field.into(),)+ }
            }
        }

        impl TryFrom<LimitSpec> for Limits {
            type Error = Error;

            fn try_from(spec: LimitSpec) -> Result<Self> {
                spec.check()?;
                Ok(Self { $($field: spec.$field.into(),)+ })
            }
        }
    };
}

limits! {
    /// Wrong passwords for one name or address from one network.
    sign_in_pair: DelaySpec;
    /// Wrong passwords for one name or address from all networks its account never signed in from. The owner's own
    /// network is not among them, so nobody can keep the owner out.
    sign_in_account: DelaySpec;
    /// Wrong passwords from one network.
    sign_in_network: QuotaSpec;
    /// Wrong passwords in the whole tenant, from networks the accounts never signed in from.
    sign_in_tenant: QuotaSpec;
    /// Codes to one address for one purpose and one account.
    code_pause: QuotaSpec;
    /// Codes to one address, and for one account.
    code_address: QuotaSpec;
    /// The same over a longer time.
    code_address_long: QuotaSpec;
    /// Codes asked for from one network.
    code_network: QuotaSpec;
    /// Codes asked for in the whole tenant.
    code_tenant: QuotaSpec;
    /// Wrong codes for one address or account, over all purposes. Then only links work.
    try_address: QuotaSpec;
    /// Wrong codes from one network.
    try_network: QuotaSpec;
    /// Wrong codes in the whole tenant.
    try_tenant: QuotaSpec;
    /// Accounts made from one network by who signs up.
    sign_up_network: QuotaSpec;
    /// Accounts made in the whole tenant by who signs up.
    sign_up_tenant: QuotaSpec;
    /// Questions from one network whether an address has an account.
    look_up_network: QuotaSpec;
    /// Wrong CAPTCHAs from one network.
    captcha_network: QuotaSpec;
}

impl LimitSpec {
    /// Whether the parts of each go together.
    fn check(&self) -> Result<()> {
        let delays = [
            ("signInPair", &self.sign_in_pair),
            ("signInAccount", &self.sign_in_account),
        ];
        let wrong: Vec<_> = delays.into_iter().flat_map(|(name, delay)| delay.wrong(name)).collect();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::Invalid(wrong)),
        }
    }
}

impl DelaySpec {
    fn wrong(&self, name: &str) -> impl Iterator<Item = FieldError> {
        let shorter = (self.longest_seconds < self.first_seconds).then(|| {
            let why = "may not be less than firstSeconds";
            FieldError::new(format!("spec.{name}.longestSeconds"), "value", why)
        });
        let fewer = (self.most < self.free).then(|| {
            let why = "may not be less than free";
            FieldError::new(format!("spec.{name}.most"), "value", why)
        });
        shorter.into_iter().chain(fewer)
    }
}

impl From<Quota> for QuotaSpec {
    fn from(Quota { most, seconds }: Quota) -> Self {
        Self { most, seconds }
    }
}

impl From<QuotaSpec> for Quota {
    fn from(QuotaSpec { most, seconds }: QuotaSpec) -> Self {
        Self { most, seconds }
    }
}

impl From<Delay> for DelaySpec {
    fn from(delay: Delay) -> Self {
        Self {
            free: delay.free,
            first_seconds: delay.first_seconds,
            longest_seconds: delay.longest_seconds,
            most: delay.most,
        }
    }
}

impl From<DelaySpec> for Delay {
    fn from(spec: DelaySpec) -> Self {
        Self {
            free: spec.free,
            first_seconds: spec.first_seconds,
            longest_seconds: spec.longest_seconds,
            most: spec.most,
        }
    }
}

/// The operations on limits.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
impl Api {
    /// See how often things may be tried
    #[oai(path = "/limits", method = "get", operation_id = "GetLimitPolicy")]
    async fn get_limits(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<LimitPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how often things may be tried
    ///
    /// Holds from the next try on; what was counted stays counted.
    #[oai(path = "/limits", method = "put", operation_id = "UpdateLimitPolicy")]
    async fn update_limits(
        &self,
        caller: Caller<PoliciesUpdate>,
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateLimitPolicyRequest>,
    ) -> Result<Versioned<LimitPolicy>> {
        let UpdateLimitPolicyRequest { metadata, spec } = new.0;
        wire::put(&caller, Expected::new(if_match, metadata), spec).await
    }
}
