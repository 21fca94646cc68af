//! People who can sign in to a tenant.

pub mod api;
mod avatar;
mod detail;
pub mod entity;
mod filter;
mod find;
mod former;
mod incoming;
mod labels;
mod login;
pub mod own;
mod password;
mod problems;
mod profile;
pub mod query;
mod rights;
mod summary;
pub mod wire;

pub use avatar::{Picture, PictureJob, forget_picture, move_pictures, picture, remove_avatar, set_avatar};
pub use detail::Detailed;
pub use filter::UserFilter;
pub use find::{UserOrder, UserQuery, list, select_ids};
pub use former::{RESERVED, is_renamed_lately, is_taken, known_before, names_of, rename};
pub use incoming::{Incoming, Known, add_all, known};
pub use labels::label_problems;
use labels::set_labels;
pub use login::{Login, find_by_login, get_login, last_newcomer, signed_in};
pub use password::{password_hash, upgrade_password_hash, words_of, words_of_name};
pub use problems::problems;
pub use profile::{Gender, Profile};
use rights::keep_owner;
pub use rights::{
    Named, ensure_owner, grant, holders, holds_any, holds_both, replace_role, role_sets, roles_of,
    roles_without_password,
};
pub use summary::Summary;

use crate::{
    access::{Authority, Managed, Principal, Who, policy},
    email,
    kit::{
        db::{self, Tx},
        error::{Code, OnConflict, Result},
        id::UserId,
        object::check_version,
        text::{DisplayName, Email, UserName},
        total,
    },
    quota::{self, Quota},
    session,
};
use chrono::TimeDelta;
use entity::{Column, Entity, Model, role, word};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::IntoCondition,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How long a password is good that somebody else chose, and that has to be changed.
pub const TEMPORARY: TimeDelta = TimeDelta::days(7);

/// A user to be created.
#[derive(Debug)]
pub struct NewUser {
    /// The handle they sign in with.
    pub name: UserName,
    /// Their address.
    pub email: Email,
    /// Whether they have proven it.
    pub proven: bool,
    /// What people see; the name if there is none.
    pub display_name: Option<DisplayName>,
    /// A telephone number.
    pub phone: Option<String>,
    /// A few words.
    pub bio: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// Free data of the tenant to select by.
    pub labels: BTreeMap<String, String>,
    /// Free data of the tenant.
    pub annotations: BTreeMap<String, String>,
    /// PHC string of the password, if they have one.
    pub password_hash: Option<String>,
    /// Whether somebody else chose it, so that they must choose their own.
    pub must_change_password: bool,
    /// Whether it is good for [`TEMPORARY`] only.
    pub is_temporary: bool,
    /// Roles besides [`policy::USER`].
    pub roles: Vec<String>,
}

impl NewUser {
    /// A user of whom no more is known.
    #[must_use]
    pub fn new(name: UserName, email: Email) -> Self {
        Self {
            name,
            email,
            proven: false,
            display_name: None,
            phone: None,
            bio: None,
            avatar: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            password_hash: None,
            must_change_password: false,
            is_temporary: false,
            roles: vec![],
        }
    }
}

/// A change of a user; a field that is `None` stays.
#[derive(Debug, Default)]
pub struct Edit {
    /// What people see.
    pub display_name: Option<DisplayName>,
    /// A telephone number; empty for none.
    pub phone: Option<String>,
    /// A few words; empty for none.
    pub bio: Option<String>,
    /// The address of a picture; empty for none.
    pub avatar: Option<String>,
    /// What they say of themselves from now on.
    pub profile: Option<Profile>,
    /// All labels from now on.
    pub labels: Option<BTreeMap<String, String>>,
    /// All annotations from now on.
    pub annotations: Option<BTreeMap<String, String>>,
}

/// Adds a user.
///
/// # Errors
/// [`Code::UserNameTaken`]; [`Code::EmailTaken`] if a proven address is somebody else's.
pub async fn create(tx: &Tx, new: NewUser) -> Result<Detailed> {
    let id = UserId::new(tx.now);
    let user = row(tx, id, &new);
    db::insert(tx, user.clone())
        .await
        .on_conflict("user_name_key", "user.name", Code::UserNameTaken)?;
    // After it has the name: whoever gives up one waits for that, or was seen to.
    former::check_free(tx, &user.name, id).await?;
    set_words(tx, id, &user.search).await?;
    set_labels(tx, id, &new.labels).await?;
    let roles = with_user(new.roles);
    let rows = roles.iter().map(|role| role::ActiveModel {
        user_id: Set(id),
        role: Set(role.clone()),
    });
    role::Entity::insert_many(rows).exec_without_returning(tx).await?;
    let primary = email::add_first(tx, id, &new.email, new.proven).await?;
    quota::take(tx, Quota::Users).await?;
    let made = Detailed {
        addresses: email::Addresses { primary, pending: None },
        labels: new.labels,
        roles,
        user,
    };
    tx.changed("user", &made.user.name, Value::Null, snapshot(&made));
    Ok(made)
}

/// The row of a user to be made.
fn row(tx: &Tx, id: UserId, new: &NewUser) -> Model {
    let name = new.name.to_string();
    let display_name = new
        .display_name
        .as_ref()
        .map_or_else(|| name.clone(), ToString::to_string);
    Model {
        id,
        search: searchable(&name, &display_name, new.email.key()),
        name,
        display_key: display_name.to_lowercase(),
        display_name,
        phone: new.phone.clone(),
        bio: new.bio.clone(),
        avatar: new.avatar.clone(),
        first_name: None,
        last_name: None,
        nickname: None,
        language: None,
        gender: None,
        annotations: json!(new.annotations),
        password_hash: new.password_hash.clone(),
        must_change_password: new.must_change_password,
        password_expires_at: new.is_temporary.then(|| tx.now + TEMPORARY),
        disabled: false,
        last_sign_in_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    }
}

/// All roles of somebody who is given these.
fn with_user(mut roles: Vec<String>) -> Vec<String> {
    roles.push(policy::USER.to_owned());
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Adds a user for an administrator: their address must not be somebody's who has proven it. That somebody only
/// claims it is nothing: anybody could keep others from being added.
///
/// # Errors
/// [`Code::UserNameTaken`], [`Code::EmailTaken`], [`Code::RoleUnknown`], [`Code::Escalation`].
pub async fn invite(tx: &Tx, authority: &Authority, new: NewUser) -> Result<Detailed> {
    authority.policy.check_known(&new.roles)?;
    authority.may_give(&new.roles).await?;
    tx.lock(&format!("email/{}", new.email.key())).await?;
    tx.check_preconditions(None, None)?;
    if email::owner(tx, new.email.key()).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    create(tx, new).await
}

/// The text a keyword is looked up in.
fn searchable(name: &str, display_name: &str, address_key: &str) -> String {
    format!("{name}\n{}\n{address_key}", display_name.to_lowercase())
}

/// The user of this name.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn get(tx: &Tx, name: &UserName) -> Result<Detailed> {
    let found = detail::find(tx, Column::Name.eq(name.to_string())).await?;
    found.ok_or(Code::UserNotFound.into())
}

/// The name of the user of this id.
pub async fn name_of(tx: &Tx, id: UserId) -> Result<Option<String>> {
    Ok(Entity::find_by_id(id).one(tx).await?.map(|user| user.name))
}

/// How many there are.
pub async fn count(tx: &Tx) -> Result<u64> {
    let users = total::read(tx, total::USERS).await?;
    Ok(u64::try_from(users).unwrap_or_default())
}

/// How many may not sign in.
pub async fn count_disabled(tx: &Tx) -> Result<u64> {
    let disabled = Entity::find().filter(Column::Disabled.into_expr());
    Ok(disabled.count(tx).await?)
}

/// The names of those of these users that there are.
pub async fn names(tx: &Tx, ids: BTreeSet<UserId>) -> Result<HashMap<UserId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(ids));
    let found: Vec<(UserId, String)> = found.into_tuple().all(tx).await?;
    Ok(found.into_iter().collect())
}

/// The user, if they are one who can sign in. Costs the same for nobody.
pub async fn can_sign_in(tx: &Tx, id: Option<UserId>) -> Result<Option<UserId>> {
    let found = Entity::find_by_id(id.unwrap_or(UserId::NOBODY))
        .select_only()
        .column(Column::Id)
        .filter(Column::Disabled.eq(false));
    Ok(found.into_tuple().one(tx).await?)
}

/// The user of this id.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn get_by_id(tx: &Tx, id: UserId) -> Result<Detailed> {
    detail::find(tx, Column::Id.eq(id))
        .await?
        .ok_or(Code::UserNotFound.into())
}

/// The users of these ids.
pub async fn of_ids(tx: &Tx, ids: &[UserId]) -> Result<Vec<Detailed>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let users = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    detail::details(tx, users.into_query(), |_| ()).await
}

/// Changes a user.
///
/// # Errors
/// Those of [`check_version`], and what `edit` returns.
pub async fn update(
    tx: &Tx,
    old: Managed<Detailed>,
    expected: Option<i64>,
    edit: impl FnOnce(&Detailed) -> Result<Edit>,
) -> Result<Detailed> {
    check_version(expected, old.user.version)?;
    let edit = edit(&old)?;
    let given = |text: Option<String>, old: &Option<String>| match text {
        Some(text) => Some(text).filter(|text| !text.is_empty()),
        None => old.clone(),
    };
    let mut new = Detailed::clone(&old);
    new.user.phone = given(edit.phone, &old.user.phone);
    new.user.bio = given(edit.bio, &old.user.bio);
    new.user.avatar = given(edit.avatar, &old.user.avatar);
    if let Some(name) = edit.display_name {
        new.user.display_name = name.to_string();
    }
    if let Some(profile) = edit.profile {
        profile.write_to(&mut new.user);
    }
    if let Some(annotations) = edit.annotations {
        new.user.annotations = json!(annotations);
    }
    if let Some(labels) = edit.labels.filter(|labels| *labels != old.labels) {
        set_labels(tx, old.user.id, &labels).await?;
        new.labels = labels;
    }
    save(tx, &old, new).await
}

/// The user of this name, for an act of the caller on them: nobody else writes to them meanwhile.
///
/// # Errors
/// [`Code::UserNotFound`]; [`Code::Escalation`] if they may do what the caller may not; those of the
/// conditions of the request.
pub async fn get_managed(tx: &Tx, authority: &Authority, name: &UserName) -> Result<Managed<Detailed>> {
    let named = Column::Name.eq(name.to_string()).into_condition();
    let found = detail::find_for_update(tx, named).await?;
    as_expected(tx, authority.over(found.ok_or(Code::UserNotFound)?).await?)
}

/// A user whom the caller may act on, if the request was made for them as they are.
fn as_expected(tx: &Tx, user: Managed<Detailed>) -> Result<Managed<Detailed>> {
    tx.check_preconditions(Some(user.user.version), Some(user.user.updated_at))?;
    Ok(user)
}

/// The user of this id, for an act of the caller on them: nobody else writes to them meanwhile.
///
/// # Errors
/// [`Code::UserNotFound`]; [`Code::Escalation`] if they may do what the caller may not.
pub async fn get_managed_by_id(tx: &Tx, authority: &Authority, id: UserId) -> Result<Managed<Detailed>> {
    authority.over(get_for_update(tx, id).await?).await
}

/// The caller, for an act on themself: nobody else writes to them meanwhile.
///
/// # Errors
/// [`Code::PersonRequired`], [`Code::UserNotFound`]; those of the conditions of the request.
pub async fn get_own(tx: &Tx, me: &Principal) -> Result<Managed<Detailed>> {
    as_expected(tx, me.themself(get_for_update(tx, me.person()?).await?)?)
}

/// The user of this id, to be written to: nobody else writes to them meanwhile.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn get_for_update(tx: &Tx, id: UserId) -> Result<Detailed> {
    let found = detail::find_for_update(tx, Column::Id.eq(id).into_condition()).await?;
    found.ok_or(Code::UserNotFound.into())
}

/// Keeps a user from signing in and ends their sessions, or lets them sign in again. Doing it
/// twice is doing it once.
///
/// # Errors
/// [`Code::OwnAccount`], [`Code::LastOwner`].
pub async fn set_disabled(tx: &Tx, authority: &Authority, old: Managed<Detailed>, disabled: bool) -> Result<Detailed> {
    if disabled && authority.me == Some(Who::User(old.user.id)) {
        return Err(Code::OwnAccount.into());
    }
    if old.user.disabled == disabled {
        tx.unchanged();
        return Ok(old.into_inner());
    }
    if disabled {
        session::end_all(tx, old.user.id).await?;
    }
    let mut new = Detailed::clone(&old);
    new.user.disabled = disabled;
    let new = save(tx, &old, new).await?;
    if disabled {
        keep_owner(tx, &authority.policy, &old).await?;
    }
    Ok(new)
}

/// Deletes a user with everything of theirs.
///
/// # Errors
/// [`Code::OwnAccount`], [`Code::LastOwner`].
pub async fn remove(tx: &Tx, authority: &Authority, old: Managed<Detailed>) -> Result<()> {
    match authority.me == Some(Who::User(old.user.id)) {
        true => Err(Code::OwnAccount.into()),
        false => delete(tx, authority, &old).await,
    }
}

/// Deletes a user with everything of theirs, also the caller.
///
/// # Errors
/// [`Code::LastOwner`].
pub async fn delete(tx: &Tx, authority: &Authority, old: &Managed<Detailed>) -> Result<()> {
    // Applications are told; the rows go with the user.
    session::end_all(tx, old.user.id).await?;
    forget_picture(tx, old.user.id).await?;
    Entity::delete_by_id(old.user.id).exec(tx).await?;
    total::add(tx, total::USERS, -1).await?;
    keep_owner(tx, &authority.policy, old).await?;
    tx.changed("user", &old.user.name, snapshot(old), Value::Null);
    Ok(())
}

/// Writes a user who was read to be written to: what differs, and that it was written. Says to the
/// audit trail what changed, and answers the user as they are now. One of whom nothing differs is not
/// written.
pub async fn save(tx: &Tx, old: &Detailed, new: Detailed) -> Result<Detailed> {
    if new == *old {
        tx.unchanged();
        return Ok(new);
    }
    let new = write(tx, old, new).await?;
    tx.changed("user", &new.user.name, snapshot(old), snapshot(&new));
    Ok(new)
}

/// As [`save`], where another change says what was done.
///
/// # Errors
/// [`Code::UserNameTaken`].
pub async fn write(tx: &Tx, old: &Detailed, mut new: Detailed) -> Result<Detailed> {
    let user = &mut new.user;
    user.search = searchable(&user.name, &user.display_name, &new.addresses.primary.address_key);
    user.display_key = user.display_name.to_lowercase();
    user.version = old.user.version + 1;
    user.updated_at = tx.now;
    if user.search != old.user.search {
        set_words(tx, user.id, &user.search).await?;
    }
    let differs = db::difference(&old.user, user);
    Entity::update_many()
        .set(differs)
        .filter(Column::Id.eq(user.id))
        .exec(tx)
        .await
        .on_conflict("user_name_key", "user.name", Code::UserNameTaken)?;
    Ok(new)
}

/// A user as the audit trail keeps them.
fn snapshot(user: &Detailed) -> Value {
    json!({
        "displayName": user.user.display_name,
        "email": user.addresses.primary.address,
        "emailVerified": user.addresses.primary.verified_at.is_some(),
        "pendingEmail": user.addresses.pending.as_ref().map(|pending| &pending.address),
        "phone": user.user.phone,
        "bio": user.user.bio,
        "avatar": user.user.avatar,
        "profile": Profile::of(&user.user),
        "disabled": user.user.disabled,
        "mustChangePassword": user.user.must_change_password,
        "labels": user.labels,
        "annotations": user.user.annotations,
        "roles": user.roles,
    })
}

async fn set_words(tx: &Tx, user: UserId, search: &str) -> Result<()> {
    word::Entity::delete_many()
        .filter(word::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    let rows = filter::words(search).into_iter().map(|word| word::ActiveModel {
        word: Set(word),
        user_id: Set(user),
    });
    word::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
