//! How often things may be tried: the one place where tries are counted, for every group.
//!
//! A try is counted before it is known to be right, and one that was right is given back. What
//! is counted is the same whether the account exists or not.

pub mod api;
mod policy;

use crate::{
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        limiter::{self, Key},
        text::{Email, UserName},
    },
    setting,
};
pub use policy::Limits;

/// The counter of one request: what the tenant allows, and who is counted.
pub struct Counter<'a> {
    context: &'a RequestContext,
    limits: Limits,
}

/// Who somebody says they are. Counted by the name or address that was given, and not by the
/// account behind it: what is counted together would tell what belongs together.
#[derive(Clone, Debug)]
pub struct LoginKey {
    login: String,
    known: bool,
}

impl LoginKey {
    /// By this name or address, and whether its account signed in from this network before.
    #[must_use]
    pub fn new(login: &str, known: bool) -> Self {
        Self {
            login: normal(login),
            known,
        }
    }
}

/// A name or an address in the one form in which it finds an account.
fn normal(login: &str) -> String {
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

impl<'a> Counter<'a> {
    /// For the request at this context.
    pub async fn of(tx: &Tx, context: &'a RequestContext) -> Result<Self> {
        let (limits, _) = setting::read(tx).await?;
        Ok(Self::new(context, limits))
    }

    /// For the request at this context, by limits that were read already.
    #[must_use]
    pub fn new(context: &'a RequestContext, limits: Limits) -> Self {
        Self { context, limits }
    }

    /// The least seconds between two codes to one address for one purpose.
    #[must_use]
    pub fn pause(&self) -> u32 {
        self.limits.code_pause.seconds
    }

    /// A try at a password.
    ///
    /// Who never signed in from this network shares the account's count with all strangers; the
    /// owner, who did, does not, so that nobody can keep them out.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn sign_in(&self, tx: &Tx, whom: &LoginKey) -> Result<AttemptReceipt> {
        let known = whom.known;
        let network = limiter::network(self.context.client.ip);
        let pair = self.pair(whom);
        limiter::fail(tx, &pair, self.limits.sign_in_pair, Code::TooManyAttempts).await?;
        let mut tried = AttemptReceipt {
            failures: vec![pair],
            quotas: vec![self.key("sign-in-network", &network)],
        };
        if !known {
            let stranger = self.key("sign-in-account", &whom.login);
            limiter::fail(tx, &stranger, self.limits.sign_in_account, Code::TooManyAttempts).await?;
            tried.failures.push(stranger);
        }
        let quota = self.limits.sign_in_network;
        limiter::take(tx, &tried.quotas[0], quota, Code::TooManyAttempts).await?;
        if !known {
            let all = self.key("sign-in-tenant", "");
            limiter::take(tx, &all, self.limits.sign_in_tenant, Code::TooManyAttempts).await?;
            tried.quotas.push(all);
        }
        limiter::clean(tx, tried.failures.len()).await?;
        Ok(tried)
    }

    /// A code or link that is to be mailed to this address, of this account if there is one.
    ///
    /// # Errors
    /// [`Code::TooManyCodes`].
    pub async fn code(&self, tx: &Tx, purpose: &str, address: &str, user: Option<UserId>) -> Result<()> {
        let limits = &self.limits;
        // For each account of its own: who claims an address does not hold up the mail of its owner.
        let account = user.map(|user| user.to_string()).unwrap_or_default();
        let pause = self.key("code-pause", &format!("{purpose}\n{address}\n{account}"));
        limiter::take(tx, &pause, limits.code_pause, Code::TooManyCodes).await?;
        let mut counted = 1;
        for subject in subjects(address, user) {
            let short = self.key("code-address", &subject);
            limiter::take(tx, &short, limits.code_address, Code::TooManyCodes).await?;
            let long = self.key("code-address-long", &subject);
            limiter::take(tx, &long, limits.code_address_long, Code::TooManyCodes).await?;
            counted += 2;
        }
        let network = self.key("code-network", &limiter::network(self.context.client.ip));
        limiter::take(tx, &network, limits.code_network, Code::TooManyCodes).await?;
        let all = self.key("code-tenant", "");
        limiter::take(tx, &all, limits.code_tenant, Code::TooManyCodes).await?;
        limiter::clean(tx, counted).await
    }

    /// A try at a code that was mailed to this address, of this account if there is one.
    ///
    /// Links are not counted: nobody guesses 256 bits.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn code_try(&self, tx: &Tx, address: &str, user: Option<UserId>) -> Result<CodeReceipt> {
        let limits = &self.limits;
        let mut counts: Vec<_> = subjects(address, user)
            .map(|subject| (self.key("try-address", &subject), limits.try_address))
            .collect();
        let network = self.key("try-network", &limiter::network(self.context.client.ip));
        counts.push((network, limits.try_network));
        counts.push((self.key("try-tenant", ""), limits.try_tenant));
        for (key, quota) in &counts {
            limiter::take(tx, key, *quota, Code::TooManyAttempts).await?;
        }
        let counted: Vec<_> = counts.into_iter().map(|(key, _)| key).collect();
        limiter::clean(tx, counted.len()).await?;
        Ok(CodeReceipt(counted))
    }

    /// Somebody who signs up.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn sign_up(&self, tx: &Tx) -> Result<()> {
        let network = self.key("sign-up-network", &limiter::network(self.context.client.ip));
        limiter::take(tx, &network, self.limits.sign_up_network, Code::TooManyAttempts).await?;
        let all = self.key("sign-up-tenant", "");
        limiter::take(tx, &all, self.limits.sign_up_tenant, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    /// A CAPTCHA that may turn out wrong.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn captcha(&self, tx: &Tx) -> Result<CodeReceipt> {
        let network = self.key("captcha-network", &limiter::network(self.context.client.ip));
        limiter::take(tx, &network, self.limits.captcha_network, Code::TooManyAttempts).await?;
        let counted = vec![network];
        limiter::clean(tx, counted.len()).await?;
        Ok(CodeReceipt(counted))
    }

    /// Whether passwords were wrong lately, for this name or address, or from this network more
    /// often than one person's.
    pub async fn has_failed(&self, tx: &Tx, whom: &LoginKey) -> Result<bool> {
        let network = self.key("sign-in-network", &limiter::network(self.context.client.ip));
        let stranger = self.key("sign-in-account", &whom.login);
        let free = self.limits.sign_in_pair.free;
        for (key, many) in [(self.pair(whom), 1), (stranger, 1), (network, free)] {
            if limiter::has(tx, &key, many).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pair(&self, whom: &LoginKey) -> Key {
        self.key("sign-in-pair", &pair(self.context, &whom.login))
    }

    /// Somebody who asks whether an address has an account.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`].
    pub async fn look_up(&self, tx: &Tx) -> Result<()> {
        let network = self.key("look-up-network", &limiter::network(self.context.client.ip));
        limiter::take(tx, &network, self.limits.look_up_network, Code::TooManyAttempts).await?;
        limiter::clean(tx, 1).await
    }

    fn key(&self, rule: &'static str, subject: &str) -> Key {
        key(self.context, rule, subject)
    }
}

/// Whom codes to an address are counted for: the address, and its account. Who has no account is
/// counted twice as well, so that neither the limits nor the time they take tell who has.
fn subjects(address: &str, user: Option<UserId>) -> impl Iterator<Item = String> {
    let account = user.map_or_else(|| format!("?{address}"), |user| user.to_string());
    let of_address = Some(format!("@{address}")).filter(|_| !address.is_empty());
    of_address.into_iter().chain([account])
}

fn key(context: &RequestContext, rule: &'static str, subject: &str) -> Key {
    let mut subject = context.services.master.hash(&format!("limit/{rule}"), subject);
    // Enough that no two are the same; the row is smaller.
    subject.truncate(16);
    Key { rule, subject }
}

impl AttemptReceipt {
    /// It was right: the failures before it are forgotten.
    pub async fn forgive(&self, tx: &Tx) -> Result<()> {
        for key in &self.failures {
            limiter::forget(tx, key).await?;
        }
        for key in &self.quotas {
            limiter::give_back(tx, key).await?;
        }
        Ok(())
    }
}

impl CodeReceipt {
    /// It was right.
    pub async fn forgive(&self, tx: &Tx) -> Result<()> {
        for key in &self.0 {
            limiter::give_back(tx, key).await?;
        }
        Ok(())
    }
}

/// Forgets the wrong passwords for these names and addresses of an account whose owner has shown
/// by other means who they are.
pub async fn forgive_logins(tx: &Tx, context: &RequestContext, logins: &[&str]) -> Result<()> {
    for login in logins {
        let login = normal(login);
        limiter::forget(tx, &key(context, "sign-in-pair", &pair(context, &login))).await?;
        limiter::forget(tx, &key(context, "sign-in-account", &login)).await?;
    }
    Ok(())
}

fn pair(context: &RequestContext, login: &str) -> String {
    format!("{login}\n{}", limiter::network(context.client.ip))
}
