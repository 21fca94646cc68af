//! What is counted at one account: whether its owner has to wait, and how to let them in at once.

use super::{Limits, key, normal, pair_of, subjects};
use crate::{
    kit::{
        db::Tx,
        error::Result,
        id::UserId,
        limiter::{self, Bound, Bounded, Count},
        secret::MasterKey,
    },
    setting,
};
use chrono::{DateTime, Utc};

/// The limit of wrong codes.
const CODES: &str = "try-address";

/// An account, with what its counts go by: rows are keyed by hashes, so they are found by what may have been counted.
#[derive(Debug)]
pub struct Account {
    /// Whose it is.
    pub user: UserId,
    /// What it is signed in to with: its name and its address.
    pub logins: Vec<String>,
    /// The addresses that codes are mailed to.
    pub addresses: Vec<String>,
    /// The networks from which wrong passwords came of late.
    pub networks: Vec<String>,
}

/// A wait at an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The limit, as `RateLimit-Policy` calls it.
    pub limit: &'static str,
    /// The name or address that was tried; none for codes.
    pub login: Option<String>,
    /// The network it holds for; none if it holds for many.
    pub network: Option<String>,
    /// How many wrong tries there were.
    pub tries: u32,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Whether it holds for everybody in that network, and so is not the account's to be lifted.
    pub is_shared: bool,
}

/// Something that is counted at an account.
struct Counted {
    bounded: Bounded,
    login: Option<String>,
    network: Option<String>,
    is_shared: bool,
}

impl Account {
    async fn counted(&self, tx: &Tx, master: &MasterKey) -> Result<Vec<Counted>> {
        let (limits, _) = setting::read::<Limits>(tx).await?;
        let of = |rule: &'static str, subject: &str, bound: Bound| (key(master, rule, subject), bound);
        let passwords = self.logins.iter().flat_map(|login| {
            let login = normal(login);
            let strangers = Counted {
                bounded: of("sign-in-account", &login, limits.sign_in_account.into()),
                login: Some(login.clone()),
                network: None,
                is_shared: false,
            };
            let here = self.networks.iter().map(|network| Counted {
                bounded: of("sign-in-pair", &pair_of(network, &login), limits.sign_in_pair.into()),
                login: Some(login.clone()),
                network: Some(network.clone()),
                is_shared: false,
            });
            [strangers].into_iter().chain(here).collect::<Vec<_>>()
        });
        let mut codes: Vec<_> = self
            .addresses
            .iter()
            .flat_map(|address| subjects(address, Some(self.user)))
            .collect();
        codes.sort();
        codes.dedup();
        let codes = codes.iter().map(|subject| Counted {
            bounded: of(CODES, subject, limits.try_address.into()),
            login: None,
            network: None,
            is_shared: false,
        });
        let networks = self.networks.iter().map(|network| Counted {
            bounded: of("sign-in-network", network, limits.sign_in_network.into()),
            login: None,
            network: Some(network.clone()),
            is_shared: true,
        });
        Ok(passwords.chain(codes).chain(networks).collect())
    }
}

/// What the owner of an account has to wait for, the longest wait first. Nothing is counted.
pub async fn waits(tx: &Tx, master: &MasterKey, account: &Account) -> Result<Vec<Wait>> {
    let counted = account.counted(tx, master).await?;
    let counts = counts(tx, &counted).await?;
    let mut waits: Vec<_> = counted
        .into_iter()
        .zip(counts)
        .filter_map(|(counted, count)| {
            let count = count?;
            Some(Wait {
                limit: counted.bounded.0.rule,
                login: counted.login,
                network: counted.network,
                tries: count.used,
                since: count.since,
                until: count.until?,
                is_shared: counted.is_shared,
            })
        })
        .collect();
    waits.sort_by_key(|wait| std::cmp::Reverse(wait.until));
    // Wrong codes are counted for the address and for the account, and are one wait.
    let mut has_codes = false;
    waits.retain(|wait| wait.limit != CODES || !std::mem::replace(&mut has_codes, true));
    Ok(waits)
}

/// Forgets the wrong passwords and codes at an account, and tells whether there were any.
pub async fn lift(tx: &Tx, master: &MasterKey, account: &Account) -> Result<bool> {
    let counted = account.counted(tx, master).await?;
    let counts = counts(tx, &counted).await?;
    let keys = counted.into_iter().zip(counts);
    let keys: Vec<_> = keys
        .filter(|(counted, count)| !counted.is_shared && count.is_some_and(|count| count.used > 0))
        .map(|(counted, _)| counted.bounded.0)
        .collect();
    limiter::take_back(tx, &keys, &[]).await?;
    Ok(!keys.is_empty())
}

async fn counts(tx: &Tx, counted: &[Counted]) -> Result<Vec<Option<Count>>> {
    let bounds: Vec<_> = counted.iter().map(|counted| counted.bounded.clone()).collect();
    limiter::counts(tx, &bounds).await
}
