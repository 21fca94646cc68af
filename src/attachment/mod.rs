//! Files that a tenant keeps: what is known of each.

pub mod api;
pub mod entity;
mod group;
mod list;
mod policy;
mod thumbnails;
pub mod wire;

pub use group::{Group, create_group, group, groups, remove_group};
pub use list::{AttachmentFilter, AttachmentQuery, brought_by, list, matching};
pub use policy::{AttachmentPolicy, Visibility};
pub use thumbnails::Thumbnails;

use crate::{
    content::{self, Arrived, Content},
    kit::{
        db::{self, Tx},
        error::{Code, Error, FieldError, Result},
        id::{AttachmentGroupId, AttachmentId, UserId},
        limiter::{self, Quota},
        object::check_version,
    },
    setting::{self, Branding},
    user,
};
use entity::{Column, Entity, Model, label};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Addresses that a user may have files fetched from in a minute.
const A_MINUTE: Quota = Quota { most: 10, seconds: 60 };

/// A file that the tenant keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    row: Model,
    /// Free data to select by.
    pub labels: BTreeMap<String, String>,
    /// The name of whoever brought it, if that is somebody who is still there.
    pub owner: Option<String>,
}

/// What is decided about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What people call it.
    pub display_name: String,
    /// The group it is in.
    pub group: Option<AttachmentGroupId>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Free data to select by.
    pub labels: BTreeMap<String, String>,
}

/// A file that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    /// What people call it.
    pub display_name: String,
    /// The group it is in.
    pub group: Option<AttachmentGroupId>,
    /// Who brought it.
    pub owner: Option<UserId>,
    /// The host it was fetched from.
    pub source_host: Option<String>,
}

impl Attachment {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> AttachmentId {
        self.row.id
    }

    /// Counts the writes to it.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.version
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.row.display_name
    }

    /// Whether anybody may see it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.row.public
    }

    /// What it has.
    #[must_use]
    pub fn content(&self) -> Content {
        let pixels = |number: i32| u32::try_from(number).unwrap_or_default();
        Content {
            sha256: self.row.sha256.clone(),
            size: self.row.size.try_into().unwrap_or_default(),
            media_type: self.row.media_type.clone(),
            pixels: self.row.width.zip(self.row.height).map(|(w, h)| (pixels(w), pixels(h))),
        }
    }

    /// What is decided about it.
    #[must_use]
    pub fn spec(&self) -> Spec {
        Spec {
            display_name: self.row.display_name.clone(),
            group: self.row.group_id,
            visibility: match self.row.public {
                true => Visibility::Public,
                false => Visibility::Private,
            },
            labels: self.labels.clone(),
        }
    }

    fn audit_view(&self) -> Value {
        let row = &self.row;
        json!({
            "displayName": row.display_name, "group": row.group_id, "public": row.public, "labels": self.labels,
            "mediaType": row.media_type, "size": row.size, "sha256": row.sha256, "sourceHost": row.source_host,
        })
    }
}

/// These rows with what belongs to them.
async fn complete(tx: &Tx, rows: &[Model]) -> Result<HashMap<AttachmentId, Attachment>> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let of = label::Column::AttachmentId.is_in(rows.iter().map(|row| row.id));
    let mut labels: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    for found in label::Entity::find().filter(of).all(tx).await? {
        let of = labels.entry(found.attachment_id).or_default();
        of.insert(found.key, found.value);
    }
    let owners = rows.iter().filter_map(|row| row.owner_id).collect();
    let owners = user::names(tx, owners).await?;
    let attachment = |row: &Model| Attachment {
        labels: labels.remove(&row.id).unwrap_or_default(),
        owner: row.owner_id.and_then(|id| owners.get(&id).cloned()),
        row: row.clone(),
    };
    Ok(rows.iter().map(attachment).map(|made| (made.id(), made)).collect())
}

async fn complete_one(tx: &Tx, row: Option<Model>) -> Result<Attachment> {
    let row = row.ok_or(Code::AttachmentNotFound)?;
    let found = complete(tx, std::slice::from_ref(&row)).await?.remove(&row.id);
    found.ok_or_else(|| Code::AttachmentNotFound.into())
}

/// The file of this name.
///
/// # Errors
/// [`Code::AttachmentNotFound`].
pub async fn get(tx: &Tx, id: AttachmentId) -> Result<Attachment> {
    let row = Entity::find_by_id(id).one(tx).await?;
    complete_one(tx, row).await
}

/// The file of this name, to be written to.
///
/// # Errors
/// [`Code::AttachmentNotFound`]; those of the conditions of the request.
pub async fn get_for_update(tx: &Tx, id: AttachmentId) -> Result<Attachment> {
    db::lock_rows(tx, Entity::find_by_id(id)).await?;
    let found = get(tx, id).await?;
    tx.check_preconditions(Some(found.row.version), Some(found.row.updated_at))?;
    Ok(found)
}

/// A file with this content that anybody may see.
///
/// # Errors
/// [`Code::AttachmentNotFound`].
pub async fn get_public(tx: &Tx, sha256: &str) -> Result<Attachment> {
    let shown = Entity::find()
        .filter(Column::Sha256.eq(sha256))
        .filter(Column::Public.eq(true));
    let row = shown.order_by_asc(Column::Id).one(tx).await?;
    complete_one(tx, row).await
}

/// Counts that a user has something fetched.
///
/// # Errors
/// [`Code::TooManyAttempts`].
pub async fn count_fetch(tx: &Tx, who: Uuid) -> Result<()> {
    let key = limiter::Key {
        rule: "attachment-fetch",
        subject: who.as_bytes().to_vec(),
    };
    limiter::take_all(tx, &[(key, A_MINUTE.into())], Code::TooManyAttempts).await
}

/// Keeps a file whose content has arrived.
///
/// # Errors
/// [`Code::GroupNotFound`]; those of [`content::settle`].
pub async fn create(tx: &Tx, arrived: Arrived, new: NewAttachment, shown: Visibility) -> Result<Attachment> {
    tx.check_preconditions(None, None)?;
    if let Some(id) = new.group {
        group(tx, id).await?;
    }
    content::settle(tx, &arrived).await?;
    let Content {
        sha256,
        size,
        media_type,
        pixels,
    } = arrived.content;
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let number = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let row = Model {
        id: AttachmentId::new(tx.now),
        search: new.display_name.to_lowercase(),
        display_name: new.display_name,
        sha256,
        size,
        media_type,
        width: pixels.map(|(width, _)| number(width)),
        height: pixels.map(|(_, height)| number(height)),
        group_id: new.group,
        owner_id: new.owner,
        public: shown == Visibility::Public,
        source_host: new.source_host,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    db::insert(tx, row.clone()).await?;
    let made = complete_one(tx, Some(row)).await?;
    tx.changed("attachment", &made.id(), Value::Null, made.audit_view());
    Ok(made)
}

/// Changes what is decided about a file.
///
/// # Errors
/// [`Code::AttachmentInUse`] if it is hidden, [`Code::GroupNotFound`], [`Error::Invalid`], and those of [`check_version`].
pub async fn update(
    tx: &Tx,
    (old, address): (Attachment, &str),
    expected: Option<i64>,
    spec: Spec,
) -> Result<Attachment> {
    check_version(expected, old.row.version)?;
    if spec == old.spec() {
        tx.unchanged();
        return Ok(old);
    }
    let wrong = user::label_problems("labels", &spec.labels);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if let Some(id) = spec.group.filter(|id| old.row.group_id != Some(*id)) {
        group(tx, id).await?;
    }
    if spec.visibility == Visibility::Private {
        check_unshown(tx, &old, address).await?;
    }
    let mut new = old.clone();
    new.row.search = spec.display_name.to_lowercase();
    new.row.display_name = spec.display_name;
    new.row.group_id = spec.group;
    new.row.public = spec.visibility == Visibility::Public;
    new.row.version += 1;
    new.row.updated_at = tx.now;
    new.labels = spec.labels;
    let this = Entity::update_many().filter(Column::Id.eq(new.row.id));
    this.set(db::difference(&old.row, &new.row)).exec(tx).await?;
    if new.labels != old.labels {
        set_labels(tx, &new).await?;
    }
    tx.changed("attachment", &new.id(), old.audit_view(), new.audit_view());
    Ok(new)
}

async fn set_labels(tx: &Tx, of: &Attachment) -> Result<()> {
    let old = label::Column::AttachmentId.eq(of.id());
    label::Entity::delete_many().filter(old).exec(tx).await?;
    let rows = of.labels.iter().map(|(key, value)| label::ActiveModel {
        attachment_id: Set(of.id()),
        key: Set(key.clone()),
        value: Set(value.clone()),
    });
    if !of.labels.is_empty() {
        label::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Deletes a file. `address` is where it is seen. Its content stays for a day.
///
/// # Errors
/// [`Code::AttachmentInUse`].
pub async fn remove(tx: &Tx, old: Attachment, address: &str) -> Result<()> {
    check_unshown(tx, &old, address).await?;
    Entity::delete_by_id(old.row.id).exec(tx).await?;
    content::leave(tx, &old.row.sha256).await?;
    tx.changed("attachment", &old.id(), old.audit_view(), Value::Null);
    Ok(())
}

/// Checks that the pictures of its own that the tenant shows itself with are there, drawn anew, for anybody to see.
///
/// # Errors
/// [`Error::Invalid`] with the members that name another.
pub async fn check_shown(tx: &Tx) -> Result<()> {
    let (branding, _) = setting::read::<Branding>(tx).await?;
    let shown = branding.own_pictures();
    if shown.is_empty() {
        return Ok(());
    }
    let there = Entity::find()
        .select_only()
        .column(Column::Sha256)
        .filter(Column::Sha256.is_in(shown.iter().map(|(_, sha256)| *sha256)))
        .filter(Column::Public.eq(true))
        .filter(Column::Width.is_not_null());
    let there: Vec<String> = there.into_tuple().all(tx).await?;
    let is_there = |sha256: &str| there.iter().any(|known| known == sha256);
    let wrong = shown.into_iter().filter(|(_, sha256)| !is_there(sha256));
    let why = "is no picture of the tenant's files that anybody may see";
    let wrong: Vec<_> = wrong.map(|(member, _)| FieldError::new(member, "value", why)).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(wrong)),
    }
}

/// Checks that the tenant does not show itself with the picture that is seen here.
async fn check_unshown(tx: &Tx, file: &Attachment, address: &str) -> Result<()> {
    if !file.is_public() {
        return Ok(());
    }
    // Whoever decides on that waits.
    tx.lock("setting").await?;
    let (branding, _) = setting::read::<Branding>(tx).await?;
    let own = branding.own_pictures();
    let is_shown = own.iter().any(|(_, sha256)| *sha256 == file.row.sha256) || branding.shows(address);
    match is_shown {
        true => Err(Code::AttachmentInUse.into()),
        false => Ok(()),
    }
}
