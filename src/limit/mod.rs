//! How often things may be tried: the one place where tries are counted, for every group.
//!
//! A try is counted before it is known to be right, and one that was right is given back. What
//! is counted is the same whether the account exists or not.

mod account;
pub mod api;
mod policy;

pub use account::{Account, Wait, lift, waits};

use crate::{
    kit::{
        db::{SystemTx, Tx},
        error::{Code, Error, Result},
        http::Peer,
        id::UserId,
        limiter::{self, Bounded, Key, Quota},
        secret::MasterKey,
        text::{Email, UserName},
    },
    setting,
};
use chrono::{DateTime, Utc};
pub use policy::Limits;

/// The limits of one request: what the tenant allows, and the peer that is counted.
pub struct RateLimiter<'a> {
    master: &'a MasterKey,
    peer: &'a Peer,
    limits: Limits,
    /// Whether the caller is known to be a person.
    is_person: bool,
}

/// How many times as much as a network may be tried from all networks of one range: IPv6 gives whoever asks
/// for it a /48, which are 65,536 networks.
const RANGE: u32 = 8;
/// The bound of what is counted only so that it takes as long: none that anybody reaches.
const NONE: Quota = Quota {
    most: 1_000_000_000,
    seconds: 600,
};
/// Messages that are sent to one address by all tenants.
const OF_ALL_TENANTS: [(&str, Quota); 2] = [
    ("receiver-hour", Quota { most: 5, seconds: 3600 }),
    (
        "receiver-day",
        Quota {
            most: 20,
            seconds: 24 * 3600,
        },
    ),
];
/// The limit of a whole tenant, past which strangers have to show that they are people.
const CROWD: &str = "sign-in-tenant";

/// Whether too many strangers gave wrong passwords in the whole tenant.
#[must_use]
pub fn is_crowded(error: &Error) -> bool {
    matches!(error, Error::Limited { limit, .. } if limit.name == CROWD)
}

/// The account somebody tries to sign in to. Counted by the name or address that was given, and not by the
/// account behind it: what is counted together would tell what belongs together.
#[derive(Clone, Debug)]
pub struct LoginKey {
    login: String,
    standing: Standing,
}

/// How the caller stands to the account they want to sign in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It signed in from this network before.
    Known,
    /// It did not.
    Stranger,
    /// There is no such account.
    MadeUp,
}

impl LoginKey {
    /// By this name or address.
    #[must_use]
    pub fn new(login: &str, standing: Standing) -> Self {
        Self {
            login: normal(login),
            standing,
        }
    }
}

/// A name or an address in the one form in which it finds an account.
#[must_use]
pub fn normal(login: &str) -> String {
    let address = login.parse::<Email>().map(|email| email.key().to_owned());
    let name = || login.parse::<UserName>().map(|name| name.to_string());
    address.or_else(|_| name()).unwrap_or_else(|_| login.to_lowercase())
}

/// Counts of a try at a password, to be taken back if it was right.
#[must_use = "a right password is forgiven"]
#[derive(Debug)]
pub struct AttemptReceipt {
    failures: Vec<Key>,
    quotas: Vec<Key>,
}

/// Counts of a try at a code, to be taken back if it was right.
#[must_use = "a right code is forgiven"]
#[derive(Debug)]
pub struct CodeReceipt(Vec<Key>);

impl<'a> RateLimiter<'a> {
    /// For a request from this peer; rows are keyed by the master key.
    pub async fn read(tx: &Tx, master: &'a MasterKey, peer: &'a Peer) -> Result<Self> {
        let (limits, _) = setting::read(tx).await?;
        Ok(Self::new(master, peer, limits))
    }

    /// The same, by limits that were read already.
    #[must_use]
    pub fn new(master: &'a MasterKey, peer: &'a Peer, limits: Limits) -> Self {
        Self {
            master,
            peer,
            limits,
            is_person: false,
        }
    }

    /// The same for a caller who has shown that they are a person.
    #[must_use]
    pub fn for_person(mut self) -> Self {
        self.is_person = true;
        self
    }

    /// The least seconds between two codes to one address for one purpose.
    #[must_use]
    pub fn pause(&self) -> u32 {
        self.limits.code_pause.seconds
    }

    /// A try at a password.
    ///
    /// A caller from a network the account never signed in from shares its count with all
    /// strangers; its owner does not, so that nobody can keep them out.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn sign_in(&self, tx: &Tx, whom: &LoginKey) -> Result<AttemptReceipt> {
        let limits = &self.limits;
        let mut failures = vec![(self.pair(whom), limits.sign_in_pair.into())];
        let mut quotas = self.of_networks("sign-in-network", "sign-in-range", limits.sign_in_network);
        if whom.standing != Standing::Known {
            failures.push((self.key("sign-in-account", &whom.login), limits.sign_in_account.into()));
            // Names that nobody has are no attack on anybody, and would keep strangers out.
            quotas.push(match whom.standing == Standing::MadeUp || self.is_person {
                true => (self.key("sign-in-nobody", ""), NONE.into()),
                false => (self.key(CROWD, ""), limits.sign_in_tenant.into()),
            });
        }
        limiter::take_all(tx, &[&failures[..], &quotas].concat(), Code::TooManyAttempts).await?;
        limiter::clean(tx, failures.len()).await?;
        Ok(AttemptReceipt {
            failures: keys(failures),
            quotas: keys(quotas),
        })
    }

    /// A code or link for this purpose, that is to be mailed to this address, of this account if there is one.
    /// What nobody gets is counted as well, so that it looks the same, and apart, so that it takes nothing from
    /// what the owner of the address may have. So does each purpose: a stranger who has codes sent does not
    /// use up the owner's way back into the account.
    ///
    /// # Errors
    /// [`Code::TooManyCodes`].
    pub async fn code(
        &self,
        tx: &Tx,
        purpose: &str,
        (address, is_mailed): (&str, bool),
        user: Option<UserId>,
    ) -> Result<()> {
        let limits = &self.limits;
        // For each account of its own: a claim to an address does not hold up the mail of its owner.
        let account = user.map(|user| user.to_string()).unwrap_or_default();
        let pause = self.key("code-pause", &format!("{purpose}\n{address}\n{account}"));
        let mut quotas = vec![(pause, limits.code_pause.into())];
        let which = format!("{purpose}{}", if is_mailed { "" } else { "!" });
        quotas.extend(subjects(address, user).flat_map(|subject| of_receiver(self.master, limits, &which, &subject)));
        let counted = quotas.len();
        quotas.extend(self.of_networks("code-network", "code-range", limits.code_network));
        quotas.push(match is_mailed {
            true => (self.key("code-tenant", ""), limits.code_tenant.into()),
            false => (self.key("code-nobody", ""), NONE.into()),
        });
        limiter::take_all(tx, &quotas, Code::TooManyCodes).await?;
        limiter::clean(tx, counted).await
    }

    /// An invitation that is to be mailed to this address by whoever may invite: many from one network are
    /// nothing special, many to one address are.
    ///
    /// # Errors
    /// [`Code::TooManyCodes`].
    pub async fn invitation(&self, tx: &Tx, address: &str) -> Result<()> {
        let limits = &self.limits;
        let [short, long] = of_receiver(self.master, limits, "invite", &format!("@{address}"));
        let pause = self.key("code-pause", &format!("invite\n@{address}"));
        let tenant = self.key("code-tenant", "");
        let quotas = [
            (pause, limits.code_pause.into()),
            short,
            long,
            (tenant, limits.code_tenant.into()),
        ];
        limiter::take_all(tx, &quotas, Code::TooManyCodes).await?;
        limiter::clean(tx, quotas.len()).await
    }

    /// A try at a code that was mailed to this address, of this account if there is one. `is_live` is whether
    /// there is such a code: what cannot be guessed is not counted for the whole tenant.
    ///
    /// Links are not counted: nobody guesses 256 bits.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn code_try(&self, tx: &Tx, address: &str, user: Option<UserId>, is_live: bool) -> Result<CodeReceipt> {
        let limits = &self.limits;
        let mut quotas: Vec<_> = subjects(address, user)
            .map(|subject| (self.key("try-address", &subject), limits.try_address.into()))
            .collect();
        quotas.extend(self.of_networks("try-network", "try-range", limits.try_network));
        quotas.push(match is_live {
            true => (self.key("try-tenant", ""), limits.try_tenant.into()),
            false => (self.key("try-nobody", ""), NONE.into()),
        });
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, quotas.len()).await?;
        Ok(CodeReceipt(keys(quotas)))
    }

    /// Somebody who signs up.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn sign_up(&self, tx: &Tx) -> Result<()> {
        let mut quotas = self.of_networks("sign-up-network", "sign-up-range", self.limits.sign_up_network);
        quotas.push((self.key("sign-up-tenant", ""), self.limits.sign_up_tenant.into()));
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    /// A CAPTCHA that may turn out wrong.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn captcha(&self, tx: &Tx) -> Result<CodeReceipt> {
        let quotas = self.of_networks("captcha-network", "captcha-range", self.limits.captcha_network);
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, quotas.len()).await?;
        Ok(CodeReceipt(keys(quotas)))
    }

    /// An application that did not prove who it is.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn client(&self, tx: &Tx) -> Result<()> {
        let quotas = self.of_networks("client-network", "client-range", self.limits.client_network);
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    /// Somebody who is sent to a provider to sign in.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn provider_begin(&self, tx: &Tx) -> Result<()> {
        let most = self.limits.provider_begin_network;
        let quotas = self.of_networks("provider-begin-network", "provider-begin-range", most);
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    /// Somebody who comes back from one.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn provider_callback(&self, tx: &Tx) -> Result<()> {
        let most = self.limits.provider_callback_network;
        let quotas = self.of_networks("provider-callback-network", "provider-callback-range", most);
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    /// Whether passwords were wrong lately, for this name or address, or from this network more
    /// often than one person's.
    pub async fn has_failed(&self, tx: &Tx, whom: &LoginKey) -> Result<bool> {
        let network = self.of_network("sign-in-network");
        let stranger = self.key("sign-in-account", &whom.login);
        let free = self.limits.sign_in_pair.free;
        limiter::has_any(tx, &[(self.pair(whom), 1), (stranger, 1), (network, free)]).await
    }

    fn pair(&self, whom: &LoginKey) -> Key {
        self.key("sign-in-pair", &pair(self.peer, &whom.login))
    }

    /// Somebody who asks whether an address has an account.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn look_up(&self, tx: &Tx) -> Result<()> {
        let quotas = self.of_networks("look-up-network", "look-up-range", self.limits.look_up_network);
        limiter::take_all(tx, &quotas, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    /// The bounds of the caller's network, and of the range it is in.
    fn of_networks(&self, network: &'static str, range: &'static str, quota: Quota) -> Vec<Bounded> {
        let wider = Quota {
            most: quota.most.saturating_mul(RANGE),
            ..quota
        };
        vec![
            (self.of_network(network), quota.into()),
            (self.key(range, &limiter::range(self.peer.ip)), wider.into()),
        ]
    }

    fn of_network(&self, rule: &'static str) -> Key {
        self.key(rule, &limiter::network(self.peer.ip))
    }

    fn key(&self, rule: &'static str, subject: &str) -> Key {
        key(self.master, rule, subject)
    }
}

/// What codes to an address are counted for: the address, and its account. An address without an
/// account is counted twice as well, so that neither the limits nor the time they take tell which
/// has one.
fn subjects(address: &str, user: Option<UserId>) -> impl Iterator<Item = String> {
    let account = user.map_or_else(|| format!("?{address}"), |user| user.to_string());
    let of_address = Some(format!("@{address}")).filter(|_| !address.is_empty());
    of_address.into_iter().chain([account])
}

/// The bounds of what is mailed for this purpose to one of [`subjects`].
fn of_receiver(master: &MasterKey, limits: &Limits, purpose: &str, subject: &str) -> [Bounded; 2] {
    let subject = format!("{purpose}\n{subject}");
    [
        (key(master, "code-address", &subject), limits.code_address.into()),
        (
            key(master, "code-address-long", &subject),
            limits.code_address_long.into(),
        ),
    ]
}

/// A message for this purpose that is mailed to this address once more, by whoever may say so: it counts as those
/// that were asked for, but for the pause and the network of whoever asks.
///
/// # Errors
/// [`Code::TooManyCodes`].
pub async fn resend(tx: &Tx, master: &MasterKey, (purpose, address): (&str, &str), user: Option<UserId>) -> Result<()> {
    let (limits, _) = setting::read(tx).await?;
    let bounds = |subject: String| of_receiver(master, &limits, purpose, &subject);
    let quotas: Vec<_> = subjects(address, user).flat_map(bounds).collect();
    limiter::take_all(tx, &quotas, Code::TooManyCodes).await?;
    limiter::clean(tx, quotas.len()).await
}

/// A message to this address, whichever tenant it is of: else many tenants are a way to flood somebody's mailbox.
///
/// # Errors
/// [`Code::TooManyCodes`].
pub async fn receiver(tx: &SystemTx, master: &MasterKey, address: &str) -> Result<()> {
    let bounds = OF_ALL_TENANTS.map(|(rule, quota)| (key(master, rule, address), quota.into()));
    limiter::take_all(tx, &bounds, Code::TooManyCodes).await?;
    limiter::clean(tx, bounds.len()).await
}

/// Until when a message to this address is refused that counts for all tenants.
pub async fn receiver_until(tx: &SystemTx, master: &MasterKey, address: &str) -> Result<Option<DateTime<Utc>>> {
    let bounds = OF_ALL_TENANTS.map(|(rule, quota)| (key(master, rule, address), quota.into()));
    let reached = limiter::reached(tx, &bounds).await?;
    Ok(reached.into_iter().flatten().max())
}

/// For which of these purposes a code to this address is refused, and until when.
pub async fn codes_until(
    tx: &Tx,
    master: &MasterKey,
    address: &str,
    purposes: &[String],
) -> Result<Vec<(String, DateTime<Utc>)>> {
    let (limits, _) = setting::read(tx).await?;
    let subject = format!("@{address}");
    let of = |purpose: &String| of_receiver(master, &limits, purpose, &subject);
    let bounds: Vec<_> = purposes.iter().flat_map(of).collect();
    let reached = limiter::reached(tx, &bounds).await?;
    let by_purpose = purposes.iter().zip(reached.chunks(2));
    let until = by_purpose.filter_map(|(purpose, reached)| {
        let until = reached.iter().flatten().max()?;
        Some((purpose.clone(), *until))
    });
    Ok(until.collect())
}

fn key(master: &MasterKey, rule: &'static str, subject: &str) -> Key {
    let mut subject = master.hash(&format!("limit/{rule}"), subject);
    // Enough that no two are the same; the row is smaller.
    subject.truncate(16);
    Key { rule, subject }
}

/// The keys the limits were for.
fn keys(bounds: Vec<Bounded>) -> Vec<Key> {
    bounds.into_iter().map(|(key, _)| key).collect()
}

impl AttemptReceipt {
    /// It was right: the failures before it are forgotten.
    pub async fn forgive(&self, tx: &Tx) -> Result<()> {
        limiter::take_back(tx, &self.failures, &self.quotas).await
    }
}

impl CodeReceipt {
    /// It was right.
    pub async fn forgive(&self, tx: &Tx) -> Result<()> {
        limiter::take_back(tx, &[], &self.0).await
    }
}

/// Forgets the wrong passwords for these names and addresses of an account whose owner has shown
/// by other means who they are.
pub async fn forgive_logins(tx: &Tx, master: &MasterKey, peer: &Peer, logins: &[&str]) -> Result<()> {
    let failures = logins.iter().flat_map(|login| {
        let login = normal(login);
        let pair = key(master, "sign-in-pair", &pair(peer, &login));
        [pair, key(master, "sign-in-account", &login)]
    });
    limiter::take_back(tx, &failures.collect::<Vec<_>>(), &[]).await
}

fn pair(peer: &Peer, login: &str) -> String {
    pair_of(&limiter::network(peer.ip), login)
}

fn pair_of(network: &str, login: &str) -> String {
    format!("{login}\n{network}")
}
