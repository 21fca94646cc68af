//! The policy `limits`.

use crate::{
    kit::{
        error::{Error, FieldError, Result},
        limiter::{Delay, Quota},
    },
    setting::Setting,
};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// Every limit. A network is an IPv4 address or an IPv6 /64; of all networks of one /24 or /48 come at most eight times
/// as many as of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "LimitSpec", rename_all = "camelCase")]
pub struct Limits {
    /// Wrong passwords for one name or address from one network.
    pub sign_in_pair: Delay,
    /// Wrong passwords for one name or address from all networks its account never signed in from. The owner's own
    /// network is not among them, so nobody can keep the owner out.
    pub sign_in_account: Delay,
    /// Wrong passwords from one network.
    pub sign_in_network: Quota,
    /// Wrong passwords in the whole tenant for accounts that exist, from networks they never signed in from. Then strangers
    /// are asked for a CAPTCHA, where the tenant has a provider.
    pub sign_in_tenant: Quota,
    /// Codes to one address for one purpose and one account.
    pub code_pause: Quota,
    /// Codes to one address, and for one account, for one purpose; invitations to one address.
    pub code_address: Quota,
    /// The same over a longer time.
    pub code_address_long: Quota,
    /// Codes asked for from one network.
    pub code_network: Quota,
    /// Codes and invitations that are mailed in the whole tenant.
    pub code_tenant: Quota,
    /// Wrong codes for one address or account, over all purposes. Then only links work.
    pub try_address: Quota,
    /// Wrong codes from one network.
    pub try_network: Quota,
    /// Wrong codes in the whole tenant, where there is a code to be guessed.
    pub try_tenant: Quota,
    /// Accounts made from one network by who signs up.
    pub sign_up_network: Quota,
    /// Accounts made in the whole tenant by who signs up.
    pub sign_up_tenant: Quota,
    /// Questions from one network whether an address has an account.
    pub look_up_network: Quota,
    /// Wrong CAPTCHAs from one network.
    pub captcha_network: Quota,
    /// Applications that did not prove who they are, from one network.
    pub client_network: Quota,
    /// People sent to a provider to sign in, from one network.
    pub provider_begin_network: Quota,
    /// People who come back from one, from one network.
    pub provider_callback_network: Quota,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

impl Default for Limits {
    fn default() -> Self {
        let quota = |most, seconds| Quota { most, seconds };
        let delay = |free, longest_seconds, most| Delay {
            free,
            first_seconds: 30,
            longest_seconds,
            most,
        };
        Self {
            sign_in_pair: delay(5, 15 * MINUTE, 50),
            // NIST SP 800-63B-4 §3.2.2: no more than 100 failures in a row, by name and by address.
            sign_in_account: delay(20, HOUR, 50),
            sign_in_network: quota(100, 10 * MINUTE),
            sign_in_tenant: quota(1_000, 10 * MINUTE),
            code_pause: quota(1, MINUTE),
            code_address: quota(5, 10 * MINUTE),
            code_address_long: quota(20, DAY),
            code_network: quota(100, HOUR),
            code_tenant: quota(3_000, HOUR),
            // Six digits stay below one chance in ten thousand a month.
            try_address: quota(10, DAY),
            try_network: quota(30, HOUR),
            try_tenant: quota(100, 10 * MINUTE),
            sign_up_network: quota(100, HOUR),
            sign_up_tenant: quota(1_000, HOUR),
            look_up_network: quota(30, 10 * MINUTE),
            captcha_network: quota(30, 10 * MINUTE),
            client_network: quota(300, 10 * MINUTE),
            provider_begin_network: quota(30, 10 * MINUTE),
            provider_callback_network: quota(60, 10 * MINUTE),
        }
    }
}

impl Setting for Limits {
    const NAME: &'static str = "limits";

    fn check(self) -> Result<Self> {
        let delays = [
            ("signInPair", &self.sign_in_pair),
            ("signInAccount", &self.sign_in_account),
        ];
        let wrong: Vec<_> = delays
            .into_iter()
            .flat_map(|(name, delay)| wrong(name, delay))
            .collect();
        match wrong.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(wrong)),
        }
    }
}

fn wrong(name: &str, delay: &Delay) -> impl Iterator<Item = FieldError> {
    let shorter = (delay.longest_seconds < delay.first_seconds).then(|| {
        let why = "may not be less than firstSeconds";
        FieldError::new(format!("{name}.longestSeconds"), "value", why)
    });
    let fewer = (delay.most < delay.free).then(|| {
        let why = "may not be less than free";
        FieldError::new(format!("{name}.most"), "value", why)
    });
    shorter.into_iter().chain(fewer)
}
