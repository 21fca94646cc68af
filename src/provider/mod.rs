//! Providers that people sign in through: servers of others that speak OpenID Connect, or OAuth 2 alone.

pub mod api;
pub mod entity;
mod fetch;
mod find;
mod id_token;
pub mod identity;
pub mod kind;
mod metadata;
mod note;
pub mod own;
mod part;
pub mod pending;
mod preset;
mod probe;
mod said;
mod secret;
pub mod spec;
mod upstream;
mod used;
pub mod wire;

pub use fetch::Fault;
pub use find::{Open, all, find, find_by_id, of_maker, open};
pub use identity::Identity;
pub use metadata::{Metadata, Providers};
pub use note::{note_error, note_success};
pub use probe::{Look, Looked, probe};
pub use said::Claims;
pub use upstream::{Asked, Begin, Exchange, Upstream, ask, authorization_url};
pub use used::use_once;

use crate::{
    access::{
        Authority,
        permission::{Permission, UsersEmailOverride, UsersPasswordUpdate},
    },
    kit::{
        db::{self, Tx},
        error::{Code, Error, OnConflict, Result},
        http::Peer,
        id::{ProviderId, TenantId},
        object::check_version,
        secret::MasterKey,
        text::{DisplayName, GivenSecret, ProviderName},
    },
    notification::{self, Event, Notice},
    quota::{self, Quota},
    user,
};
use chrono::{DateTime, Utc};
use entity::{Column, Entity, Model};
use part::Parts;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use spec::Spec;

/// Providers a tenant may have.
const MOST: usize = 20;
/// What signing in with name and password is called among the providers.
pub const LOCAL: &str = "local";

/// Where a provider sends people back to, in the tenant of this address.
#[must_use]
pub fn redirect_uri(base: &str, name: &str) -> String {
    format!("{base}/login/with/{name}/callback")
}

/// A provider that people sign in through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    row: Model,
    /// What an administrator decided.
    pub spec: Spec,
}

impl Provider {
    fn new(row: Model, parts: &mut Parts) -> Result<Self> {
        let invalid = |why: &str| anyhow::anyhow!("a provider in the database {why}");
        let domains = parts.domains.remove(&row.id).unwrap_or_default();
        let domains: Result<Vec<_>, _> = domains.iter().map(|domain| domain.parse()).collect();
        let spec = Spec {
            kind: row.kind,
            display_name: row.display_name.parse::<DisplayName>().map_err(invalid)?,
            priority: row.position,
            client_id: row.client_id.clone(),
            secret_expires_at: row.secret_expires_at.map(Into::into),
            issuer: row.issuer.clone(),
            authorize_url: row.authorize_url.clone(),
            token_url: row.token_url.clone(),
            userinfo_url: row.userinfo_url.clone(),
            claims: parts.claims.remove(&row.id).unwrap_or_default(),
            apple_team_id: row.apple_team_id.clone(),
            apple_key_id: row.apple_key_id.clone(),
            ms_tenant: row.ms_tenant.clone(),
            upstreams: parts.upstreams.remove(&row.id).unwrap_or_default(),
            scopes: parts.scopes.remove(&row.id).unwrap_or_default(),
            auth_method: row.auth_method,
            sign_in: row.sign_in,
            sign_up: row.sign_up,
            link: row.link,
            email_trust: row.email_trust,
            domains: domains.map_err(invalid)?,
        };
        Ok(Self { row, spec })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ProviderId {
        self.row.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.row.name
    }

    /// Counts the writes to it.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// Whether people may sign in through it.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.row.enabled
    }

    /// Its secret in the clear, if it has one.
    ///
    /// # Errors
    /// It was sealed with another master key.
    pub fn secret(&self, tx: &Tx, master: &MasterKey) -> Result<Option<GivenSecret>> {
        secret::open(tx, master, self.row.id, self.row.client_secret_sealed.as_deref())
    }

    /// The members without which nobody signs in through it.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let has_secret = self.row.client_secret_sealed.is_some() || self.spec.auth_method == kind::AuthMethod::None;
        let parts = [
            ("clientId", !self.spec.client_id.is_empty()),
            ("clientSecret", has_secret),
        ];
        let missing = parts
            .into_iter()
            .filter(|(_, is_there)| !is_there)
            .map(|(name, _)| name);
        missing.chain(self.spec.missing()).collect()
    }

    /// Whether a request was made for it as it is, before anything is asked of anybody for it.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`].
    pub fn check_preconditions(&self, peer: &Peer) -> Result<()> {
        match &peer.preconditions {
            Some(conditions) => conditions.check(Some(self.row.version), Some(self.row.updated_at)),
            None => Ok(()),
        }
    }

    /// Whether people can sign in through it now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.row.enabled && self.missing().is_empty()
    }
}

fn write_row(row: &mut Model, spec: &Spec) {
    row.display_name = spec.display_name.to_string();
    row.position = spec.priority;
    row.client_id.clone_from(&spec.client_id);
    row.secret_expires_at = spec.secret_expires_at.map(|at| at.0);
    row.issuer.clone_from(&spec.issuer);
    row.authorize_url.clone_from(&spec.authorize_url);
    row.token_url.clone_from(&spec.token_url);
    row.userinfo_url.clone_from(&spec.userinfo_url);
    row.apple_team_id.clone_from(&spec.apple_team_id);
    row.apple_key_id.clone_from(&spec.apple_key_id);
    row.ms_tenant.clone_from(&spec.ms_tenant);
    row.auth_method = spec.auth_method;
    row.sign_in = spec.sign_in;
    row.sign_up = spec.sign_up;
    row.link = spec.link;
    row.email_trust = spec.email_trust;
}

/// The provider of this name.
///
/// # Errors
/// [`Code::ProviderNotFound`].
pub async fn get(tx: &Tx, name: &ProviderName) -> Result<Provider> {
    find(tx, name.as_str()).await?.ok_or(Code::ProviderNotFound.into())
}

/// The provider of this name, for an act of the caller on it.
///
/// # Errors
/// [`Code::ProviderNotFound`]; [`Code::Escalation`] if it vouches for what the caller may not decide; those of
/// the conditions of the request.
pub async fn get_managed(tx: &Tx, authority: &Authority, name: &ProviderName) -> Result<Provider> {
    tx.lock("provider").await?;
    let found = get(tx, name).await?;
    tx.check_preconditions(Some(found.row.version), Some(found.row.updated_at))?;
    may_vouch(authority, &found.spec)?;
    Ok(found)
}

/// As [`get_managed`], of one that is to be enabled or disabled.
///
/// # Errors
/// As [`get_managed`]; [`Code::ProviderPrivileged`] of signing in with name and password.
pub async fn get_switched(tx: &Tx, authority: &Authority, name: &ProviderName) -> Result<Provider> {
    match name.as_str() {
        LOCAL => Err(Code::ProviderPrivileged.into()),
        _ => get_managed(tx, authority, name).await,
    }
}

/// Whether a provider can be where it is said to be, as its metadata say now.
///
/// # Errors
/// [`Code::EndpointRefused`], [`Code::IssuerMismatch`], [`Code::IssuerUnreachable`].
pub async fn check_place(
    providers: &Providers,
    (tenant, now): (TenantId, DateTime<Utc>),
    spec: Option<&Spec>,
) -> Result<()> {
    let Some(spec) = spec else { return Ok(()) };
    // What is not decided yet, or is the maker's own, need not be asked for.
    let is_given = spec.issuer.is_some() || spec.kind == kind::Kind::Oauth2;
    if !is_given || !spec.missing().is_empty() {
        return Ok(());
    }
    match providers.look_up(tenant, spec, now).await {
        Ok(_) => Ok(()),
        Err(Fault::Refused(_)) => Err(Code::EndpointRefused.into()),
        Err(Fault::Misconfigured(_)) => Err(Code::IssuerMismatch.into()),
        Err(_) => Err(Code::IssuerUnreachable.into()),
    }
}

/// The escalation rule: by a provider whose word on addresses counts, whoever runs it gives addresses without proof,
/// and gets into accounts. So nobody sets one up who may do neither themself.
fn may_vouch(authority: &Authority, spec: &Spec) -> Result<()> {
    let may = authority.has(UsersEmailOverride::DEF) && authority.has(UsersPasswordUpdate::DEF);
    match may || !spec.vouches() {
        true => Ok(()),
        false => Err(Code::Escalation.into()),
    }
}

fn check(authority: &Authority, spec: &Spec) -> Result<()> {
    let wrong = spec.problems();
    match wrong.is_empty() {
        true => may_vouch(authority, spec),
        false => Err(Error::Invalid(wrong)),
    }
}

/// How many there are.
pub async fn count(tx: &Tx) -> Result<u64> {
    Ok(Entity::find().count(tx).await?)
}

/// Sets up a provider, which is disabled at first.
///
/// # Errors
/// [`Code::ProviderNameTaken`]; [`Error::Invalid`] with everything that is wrong; [`Code::Escalation`]; those of the
/// conditions of the request.
pub async fn create(
    tx: &Tx,
    (authority, master): (&Authority, &MasterKey),
    name: &ProviderName,
    spec: Spec,
    secret: Option<&GivenSecret>,
) -> Result<Provider> {
    tx.check_preconditions(None, None)?;
    check(authority, &spec)?;
    secret::check(&spec, secret)?;
    tx.lock("provider").await?;
    if name.as_str() == LOCAL {
        return Err(Code::ProviderNameTaken.into());
    }
    let there = all(tx).await?.len();
    if there >= MOST {
        let why = format!("is one too many: a tenant has up to {MOST} providers");
        return Err(Error::field("name", "value", why));
    }
    quota::check(tx, Quota::Providers, there as u64).await?;
    let id = ProviderId::new(tx.now);
    let mut row = Model {
        id,
        name: name.to_string(),
        kind: spec.kind,
        display_name: String::new(),
        enabled: false,
        position: 0,
        client_id: String::new(),
        client_secret_sealed: secret.map(|secret| secret::seal(tx, master, id, secret)),
        secret_set_at: secret.map(|_| tx.now),
        secret_expires_at: None,
        issuer: None,
        authorize_url: None,
        token_url: None,
        userinfo_url: None,
        apple_team_id: None,
        apple_key_id: None,
        ms_tenant: None,
        auth_method: spec.auth_method,
        sign_in: spec.sign_in,
        sign_up: spec.sign_up,
        link: spec.link,
        email_trust: spec.email_trust,
        last_success_at: None,
        last_error: None,
        last_error_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    write_row(&mut row, &spec);
    db::insert(tx, row.clone())
        .await
        .on_conflict("provider_name_key", "provider.name", Code::ProviderNameTaken)?;
    Parts::write(tx, id, None, &spec).await?;
    let made = Provider { row, spec };
    tx.changed("auth-provider", &made.row.name, Value::Null, snapshot(&made));
    Ok(made)
}

/// What is to become of a secret.
#[derive(Debug)]
pub enum NewSecret {
    /// It stays.
    Same,
    /// There is none any more.
    Removed,
    /// This one takes its place.
    Given(GivenSecret),
}

/// Changes what is decided about a provider.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, [`Code::Escalation`], [`Code::SecretRequired`],
/// [`Code::ProviderHasIdentities`], [`Code::ProviderIncomplete`] if one that is enabled would lack something, those
/// of [`check_version`], and what `change` returns.
pub async fn update(
    tx: &Tx,
    (authority, master): (&Authority, &MasterKey),
    old: Provider,
    expected: Option<i64>,
    change: impl FnOnce(&Provider) -> Result<(Spec, NewSecret)>,
) -> Result<Provider> {
    check_version(expected, old.row.version)?;
    let (spec, secret) = change(&old)?;
    if spec.kind != old.spec.kind {
        let why = "cannot change: what it calls people would mean others";
        return Err(Error::field("kind", "value", why));
    }
    if spec != old.spec {
        check(authority, &spec)?;
    }
    let is_moved = spec.is_elsewhere(&old.spec);
    if is_moved && identity::has_any(tx, old.row.id).await? {
        return Err(Code::ProviderHasIdentities.into());
    }
    // A secret is sent to the address it belongs to, and to no other.
    // One that signs is never said, as it would be by another method.
    let signs = |spec: &Spec| spec.auth_method == kind::AuthMethod::PrivateKey;
    let is_other = is_moved || spec.client_id != old.spec.client_id || signs(&spec) != signs(&old.spec);
    if is_other && old.row.client_secret_sealed.is_some() && matches!(secret, NewSecret::Same) {
        return Err(Code::SecretRequired.into());
    }
    let mut new = Provider {
        row: old.row.clone(),
        spec,
    };
    write_row(&mut new.row, &new.spec);
    match &secret {
        NewSecret::Same => {}
        NewSecret::Removed => {
            new.row.client_secret_sealed = None;
            new.row.secret_set_at = None;
        }
        NewSecret::Given(secret) => {
            secret::check(&new.spec, Some(secret))?;
            new.row.client_secret_sealed = Some(secret::seal(tx, master, new.row.id, secret));
            new.row.secret_set_at = Some(tx.now);
        }
    }
    if new.row.enabled && !new.missing().is_empty() {
        return Err(Code::ProviderIncomplete.into());
    }
    save(tx, &old, new).await
}

/// Lets people sign in through a provider. Doing it twice is doing it once.
///
/// # Errors
/// [`Code::ProviderIncomplete`].
pub async fn enable(tx: &Tx, old: Provider) -> Result<Provider> {
    if !old.missing().is_empty() {
        return Err(Code::ProviderIncomplete.into());
    }
    let mut new = old.clone();
    new.row.enabled = true;
    if !old.row.enabled {
        let notice = Notice::of(Event::SignInMethod, new.spec.display_name.to_string());
        notification::tell(tx, &notice).await?;
    }
    save(tx, &old, new).await
}

/// Keeps people from signing in through a provider. Doing it twice is doing it once.
///
/// # Errors
/// [`Code::ProviderInUse`] if some sign in by nothing else, unless `confirmed`; [`Code::Escalation`] if one of them
/// may do what the caller may not.
pub async fn disable(tx: &Tx, authority: &Authority, old: Provider, confirmed: bool) -> Result<Provider> {
    if old.row.enabled {
        leave(tx, authority, &old, confirmed).await?;
    }
    let mut new = old.clone();
    new.row.enabled = false;
    save(tx, &old, new).await
}

/// Whether those who sign in by nothing else may be left without a way in.
async fn leave(tx: &Tx, authority: &Authority, old: &Provider, confirmed: bool) -> Result<()> {
    let roles = user::roles_without_password(tx, identity::only_of(old.row.id)).await?;
    if roles.is_empty() {
        return Ok(());
    }
    match confirmed {
        true => authority.may_give(&roles).await,
        false => Err(Code::ProviderInUse.into()),
    }
}

/// Deletes a provider, with the identities of accounts there if `with_identities`.
///
/// # Errors
/// [`Code::ProviderHasIdentities`]; [`Code::Escalation`] if somebody would be left without a way in who may do what
/// the caller may not.
pub async fn remove(tx: &Tx, authority: &Authority, old: Provider, with_identities: bool) -> Result<()> {
    if identity::has_any(tx, old.row.id).await? {
        if !with_identities {
            return Err(Code::ProviderHasIdentities.into());
        }
        leave(tx, authority, &old, true).await?;
    }
    Entity::delete_by_id(old.row.id).exec(tx).await?;
    tx.changed("auth-provider", &old.row.name, snapshot(&old), Value::Null);
    Ok(())
}

/// Writes what differs, and that it was written.
async fn save(tx: &Tx, old: &Provider, mut new: Provider) -> Result<Provider> {
    if new == *old {
        tx.unchanged();
        return Ok(new);
    }
    new.row.version = old.row.version + 1;
    new.row.updated_at = tx.now;
    let differs = db::difference(&old.row, &new.row);
    Entity::update_many()
        .set(differs)
        .filter(Column::Id.eq(old.row.id))
        .exec(tx)
        .await?;
    Parts::write(tx, old.row.id, Some(&old.spec), &new.spec).await?;
    tx.changed("auth-provider", &new.row.name, snapshot(old), snapshot(&new));
    Ok(new)
}

/// A provider as the audit trail keeps it: of its secret, when it was given.
fn snapshot(of: &Provider) -> Value {
    let mut kept = json!(of.spec);
    kept["enabled"] = json!(of.row.enabled);
    kept["secretSetAt"] = json!(of.row.secret_set_at);
    kept
}
