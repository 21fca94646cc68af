//! Applications: what people sign in to, and programs that call for themselves.

pub mod api;
mod built_in;
pub mod delivery;
pub mod entity;
pub mod kind;
mod live;
mod logout;
mod origin;
mod part;
mod preset;
mod rights;
pub mod scope;
mod secret;
pub mod spec;
pub mod uri;
pub mod wire;

pub use built_in::{CONSOLE, CONSOLE_CALLBACK, SWAGGER_UI, ensure_built_in};
pub use live::{LiveClient, LiveClients};
pub use logout::{Delivered, EndedSession, LOGOUT_JOB, deliveries, delivery_of_job, tell_ended};
pub use origin::is_origin_of_any;
pub use rights::{forget_audience, forget_scopes, holds_any, holds_both, replace_role};
pub use secret::{Known, NewSecret, Secret, add_secret, find_known, remove_secret, rotate_secret, secrets, touch};

use crate::{
    access::{Authority, Managed, Subject, Who},
    kit::{
        db::{self, Tx},
        error::{Code, Error, OnConflict, Result},
        id::ApplicationId,
        object::check_version,
        page::{Listed, Timeline},
        selector::Values,
        text::ClientId,
    },
    quota::{self, Quota},
};
use entity::{Column, Entity, Model};
use kind::{Origin, Preset};
use part::Parts;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use spec::{Audience, Spec};

/// Applications a tenant may have that were made by administrators.
const MOST: u64 = 1_000;

/// An application, with all that is decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    row: Model,
    /// What an administrator decided.
    pub spec: Spec,
    /// See [`Spec::reach`].
    reach: Vec<String>,
}

impl Subject for Application {
    fn who(&self) -> Who {
        Who::Application(self.row.id)
    }

    fn roles(&self) -> &[String] {
        &self.reach
    }
}

impl Application {
    fn new(row: Model, parts: &Parts) -> Result<Self> {
        let name = row.display_name.parse();
        let name = name.map_err(|why| anyhow::anyhow!("an application in the database {why}"))?;
        let mut spec = Spec::new(row.preset, name);
        parts.fill(row.id, &mut spec)?;
        if row.origin == Origin::BuiltIn {
            spec.redirect_uris = built_in::redirects(&row.name);
        }
        read_row(&row, &mut spec);
        let reach = spec.reach();
        Ok(Self { row, spec, reach })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ApplicationId {
        self.row.id
    }

    /// Its `client_id`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.row.name
    }

    /// Counts the writes to it.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// What it was made as.
    #[must_use]
    pub fn preset(&self) -> Preset {
        self.row.preset
    }

    /// Who made it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.row.origin
    }

    /// Whether nobody can sign in to it, and it can call nothing.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.row.disabled
    }

    /// Whether people may come back to this address: one that is registered (RFC 9700 §2.1), or of one that is
    /// built in, whose addresses begin with the base of the tenant.
    #[must_use]
    pub fn has_redirect(&self, base: &str, given: &str) -> bool {
        let registered = &self.spec.redirect_uris;
        match self.origin() {
            Origin::BuiltIn => given
                .strip_prefix(base)
                .is_some_and(|path| uri::is_registered(registered, path, false)),
            _ => uri::is_registered(registered, given, self.preset() == Preset::Native),
        }
    }

    /// Whether people may come back to this address when they have signed out.
    #[must_use]
    pub fn has_post_logout_redirect(&self, given: &str) -> bool {
        let registered = &self.spec.post_logout_redirect_uris;
        uri::is_registered(registered, given, self.preset() == Preset::Native)
    }

    /// Whether pages of this origin may call for it.
    #[must_use]
    pub fn has_origin(&self, origin: &str) -> bool {
        let derived = || uri::origins(&self.spec.redirect_uris);
        self.spec.allowed_origins.iter().any(|known| known == origin) || derived().iter().any(|known| known == origin)
    }
}

/// Reads what the row has into what is decided.
fn read_row(row: &Model, spec: &mut Spec) {
    let seconds = |column: Option<i32>| column.and_then(|seconds| seconds.try_into().ok());
    spec.description.clone_from(&row.description);
    spec.color.clone_from(&row.color);
    spec.logo_url.clone_from(&row.logo_url);
    spec.home_url.clone_from(&row.home_url);
    spec.policy_url.clone_from(&row.policy_url);
    spec.terms_url.clone_from(&row.terms_url);
    spec.backchannel_logout_uri.clone_from(&row.backchannel_logout_uri);
    spec.first_party = row.first_party;
    spec.require_pkce = row.require_pkce;
    spec.rotation = row.rotation;
    spec.subject_type = row.subject_type;
    spec.id_token_alg = row.id_token_alg;
    spec.access_token_alg = row.access_token_alg;
    spec.claims_in_id_token = row.claims_in_id_token;
    spec.access_token_seconds = seconds(row.access_token_seconds);
    spec.id_token_seconds = seconds(row.id_token_seconds);
    spec.refresh_idle_seconds = seconds(row.refresh_idle_seconds);
    spec.refresh_absolute_seconds = seconds(row.refresh_absolute_seconds);
}

/// Writes what is decided into the row.
fn write_row(row: &mut Model, spec: &Spec) {
    let seconds = |seconds: Option<u32>| seconds.and_then(|seconds| seconds.try_into().ok());
    row.display_name = spec.display_name.to_string();
    row.description.clone_from(&spec.description);
    row.color.clone_from(&spec.color);
    row.logo_url.clone_from(&spec.logo_url);
    row.home_url.clone_from(&spec.home_url);
    row.policy_url.clone_from(&spec.policy_url);
    row.terms_url.clone_from(&spec.terms_url);
    row.backchannel_logout_uri.clone_from(&spec.backchannel_logout_uri);
    row.first_party = spec.first_party;
    row.require_pkce = spec.require_pkce;
    row.rotation = spec.rotation;
    row.subject_type = spec.subject_type;
    row.id_token_alg = spec.id_token_alg;
    row.access_token_alg = spec.access_token_alg;
    row.claims_in_id_token = spec.claims_in_id_token;
    row.access_token_seconds = seconds(spec.access_token_seconds);
    row.id_token_seconds = seconds(spec.id_token_seconds);
    row.refresh_idle_seconds = seconds(spec.refresh_idle_seconds);
    row.refresh_absolute_seconds = seconds(spec.refresh_absolute_seconds);
}

/// A row of an application that is only just made.
fn new_row(tx: &Tx, name: &str, preset: Preset, origin: Origin, spec: &Spec) -> Model {
    let mut row = Model {
        id: ApplicationId::new(tx.now),
        name: name.to_owned(),
        preset,
        origin,
        display_name: String::new(),
        description: String::new(),
        color: None,
        logo_url: None,
        home_url: None,
        policy_url: None,
        terms_url: None,
        first_party: false,
        disabled: false,
        require_pkce: true,
        require_par: false,
        require_dpop: false,
        rotation: spec.rotation,
        subject_type: spec.subject_type,
        id_token_alg: spec.id_token_alg,
        access_token_alg: spec.access_token_alg,
        claims_in_id_token: false,
        access_token_seconds: None,
        id_token_seconds: None,
        refresh_idle_seconds: None,
        refresh_absolute_seconds: None,
        backchannel_logout_uri: None,
        initiate_login_uri: None,
        jwks: None,
        jwks_uri: None,
        document_hash: None,
        document_expires_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        last_used_at: None,
    };
    write_row(&mut row, spec);
    row
}

/// Something that must be so of an application.
#[derive(Clone, Debug)]
pub enum ApplicationFilter {
    /// Its `client_id`.
    Name(Values),
    /// What it was made as.
    Preset(Values),
    /// Who made it.
    Origin(Values),
}

/// One page of the applications.
pub async fn list(tx: &Tx, filters: &[ApplicationFilter], timeline: &Timeline) -> Result<Listed<Application>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        ApplicationFilter::Name(values) => query.filter(values.of(Column::Name)),
        ApplicationFilter::Preset(values) => query.filter(values.of(Column::Preset)),
        ApplicationFilter::Origin(values) => query.filter(values.of(Column::Origin)),
    });
    let columns = (Column::CreatedAt, Column::Id);
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "applications", query, columns, place).await?;
    let ids: Vec<_> = listed.items.iter().map(|row| row.id).collect();
    let parts = Parts::read(tx, &ids).await?;
    listed.try_map(|row| Application::new(row, &parts))
}

/// How many there are, those that come with the server among them.
pub async fn count(tx: &Tx) -> Result<u64> {
    Ok(Entity::find().count(tx).await?)
}

/// The application of this `client_id`.
pub async fn find(tx: &Tx, client_id: &str) -> Result<Option<Application>> {
    let row = Entity::find().filter(Column::Name.eq(client_id)).one(tx).await?;
    let Some(row) = row else { return Ok(None) };
    let parts = Parts::read(tx, &[row.id]).await?;
    Application::new(row, &parts).map(Some)
}

/// The application of this id.
pub async fn find_by_id(tx: &Tx, id: ApplicationId) -> Result<Option<Application>> {
    let Some(row) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(None);
    };
    let parts = Parts::read(tx, &[id]).await?;
    Application::new(row, &parts).map(Some)
}

/// Those of these that there are, in no order.
pub async fn find_all(tx: &Tx, ids: &[ApplicationId]) -> Result<Vec<Application>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let ids_of = ids.iter().copied();
    let rows = Entity::find().filter(Column::Id.is_in(ids_of)).all(tx).await?;
    let parts = Parts::read(tx, ids).await?;
    rows.into_iter().map(|row| Application::new(row, &parts)).collect()
}

/// The application of this name.
///
/// # Errors
/// [`Code::ApplicationNotFound`].
pub async fn get(tx: &Tx, name: &ClientId) -> Result<Application> {
    let found = find(tx, &name.to_string()).await?;
    found.ok_or(Code::ApplicationNotFound.into())
}

/// The application of this name, for an act of the caller on it.
///
/// # Errors
/// [`Code::ApplicationNotFound`]; [`Code::Escalation`] if it may do what the caller may not: whoever has its
/// secret, or the address people come back to, is the application.
pub async fn get_managed(tx: &Tx, authority: &Authority, name: &ClientId) -> Result<Managed<Application>> {
    let found = get(tx, name).await?;
    tx.check_preconditions(Some(found.row.version), Some(found.row.updated_at))?;
    check_permissions(authority, &found.spec)?;
    authority.over(found).await
}

/// As [`get_managed`], of one that an administrator made.
///
/// # Errors
/// As [`get_managed`]; [`Code::ApplicationBuiltIn`].
pub async fn get_own(tx: &Tx, authority: &Authority, name: &ClientId) -> Result<Managed<Application>> {
    let found = get_managed(tx, authority, name).await?;
    match found.row.origin {
        Origin::BuiltIn => Err(Code::ApplicationBuiltIn.into()),
        _ => Ok(found),
    }
}

/// Whether the caller has every permission that the application may ask for as a scope.
///
/// # Errors
/// [`Code::Escalation`].
fn check_permissions(authority: &Authority, spec: &Spec) -> Result<()> {
    let mut wanted = spec.scopes.iter().flat_map(|name| scope::permissions(name));
    match wanted.all(|permission| authority.has(permission)) {
        true => Ok(()),
        false => Err(Code::Escalation.into()),
    }
}

/// Whether the caller may have an application that is as decided.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, [`Code::RoleUnknown`], [`Code::Escalation`].
async fn check(authority: &Authority, preset: Preset, spec: &Spec, apis: &[Audience]) -> Result<()> {
    let wrong = spec.problems(preset, apis);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    authority.policy.check_known(&spec.roles)?;
    authority.policy.check_known(&spec.access_roles)?;
    check_permissions(authority, spec)?;
    authority.may_give(&spec.reach()).await
}

/// Makes an application. `apis` are the tenant's, with their scopes.
///
/// # Errors
/// [`Code::ApplicationNameTaken`]; [`Error::Invalid`] with everything that is wrong; [`Code::RoleUnknown`];
/// [`Code::Escalation`] if it could do what the caller cannot; those of the conditions of the request.
pub async fn create(
    tx: &Tx,
    authority: &Authority,
    (name, preset): (&ClientId, Preset),
    mut spec: Spec,
    apis: &[Audience],
) -> Result<Application> {
    tx.check_preconditions(None, None)?;
    spec.normalize();
    check(authority, preset, &spec, apis).await?;
    let there = count_made(tx).await?;
    if there >= MOST {
        let why = format!("is one too many: a tenant has up to {MOST} applications");
        return Err(Error::field("name", "value", why));
    }
    quota::check(tx, Quota::Applications, there).await?;
    let made = insert(tx, new_row(tx, &name.to_string(), preset, Origin::Console, &spec), spec).await?;
    tx.changed("application", &made.row.name, Value::Null, snapshot(&made));
    Ok(made)
}

/// How many there are that administrators made.
pub async fn count_made(tx: &Tx) -> Result<u64> {
    let made = Entity::find().filter(Column::Origin.eq(Origin::Console));
    Ok(made.count(tx).await?)
}

async fn insert(tx: &Tx, row: Model, spec: Spec) -> Result<Application> {
    db::insert(tx, row.clone()).await.on_conflict(
        "application_name_key",
        "application.name",
        Code::ApplicationNameTaken,
    )?;
    part::write(tx, row.id, None, &spec).await?;
    let reach = spec.reach();
    Ok(Application { row, spec, reach })
}

/// Changes what is decided about an application.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, [`Code::RoleUnknown`], [`Code::Escalation`], those of
/// [`check_version`], and what `change` returns.
pub async fn update(
    tx: &Tx,
    authority: &Authority,
    old: Managed<Application>,
    (expected, apis): (Option<i64>, &[Audience]),
    change: impl FnOnce(&Application) -> Result<Spec>,
) -> Result<Application> {
    check_version(expected, old.row.version)?;
    let mut new = Application::clone(&old);
    new.spec = change(&old)?;
    new.spec.normalize();
    if new.spec != old.spec {
        check(authority, old.row.preset, &new.spec, apis).await?;
    }
    write_row(&mut new.row, &new.spec);
    save(tx, &old, new).await
}

/// Keeps everybody from signing in to an application, and it from calling, or lets it again. Doing it twice is
/// doing it once.
pub async fn set_disabled(tx: &Tx, old: Managed<Application>, disabled: bool) -> Result<Application> {
    let mut new = Application::clone(&old);
    new.row.disabled = disabled;
    save(tx, &old, new).await
}

/// Deletes an application with everything of its.
pub async fn remove(tx: &Tx, old: Managed<Application>) -> Result<()> {
    Entity::delete_by_id(old.row.id).exec(tx).await?;
    tx.changed("application", &old.row.name, snapshot(&old), Value::Null);
    Ok(())
}

/// Writes what differs, and that it was written.
async fn save(tx: &Tx, old: &Application, mut new: Application) -> Result<Application> {
    if new == *old {
        tx.unchanged();
        return Ok(new);
    }
    new.row.version = old.row.version + 1;
    new.row.updated_at = tx.now;
    new.reach = new.spec.reach();
    let differs = db::difference(&old.row, &new.row);
    Entity::update_many()
        .set(differs)
        .filter(Column::Id.eq(old.row.id))
        .exec(tx)
        .await?;
    part::write(tx, old.row.id, Some(&old.spec), &new.spec).await?;
    tx.changed("application", &new.row.name, snapshot(old), snapshot(&new));
    Ok(new)
}

/// An application as the audit trail keeps it.
fn snapshot(of: &Application) -> Value {
    let mut kept = json!(of.spec);
    kept["preset"] = json!(of.row.preset);
    kept["disabled"] = json!(of.row.disabled);
    kept
}
