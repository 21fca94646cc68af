//! Groups of files.

use super::entity::{
    self,
    group::{Column, Entity, Model},
};
use crate::kit::{
    db::{self, Tx},
    error::{Code, Error, Result},
    id::AttachmentGroupId,
    page::{Listed, Timeline},
    selector::Values,
    text::DisplayName,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

/// Groups a tenant may have.
const MOST: u64 = 100;

/// A group of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group(pub(super) Model);

impl Group {
    fn audit_view(&self) -> Value {
        json!({ "displayName": self.0.display_name, "hidden": self.0.hidden })
    }
}

/// One page of the groups that are not hidden and whose names are these.
pub async fn groups(tx: &Tx, names: &[Values], timeline: &Timeline) -> Result<Listed<Group>> {
    let shown = Entity::find().filter(Column::Hidden.eq(false));
    let query = names
        .iter()
        .fold(shown, |query, values| query.filter(values.of(Column::DisplayName)));
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "attachment-groups", query, (Column::CreatedAt, Column::Id), place);
    Ok(listed.await?.map(Group))
}

/// The group of this id.
///
/// # Errors
/// [`Code::GroupNotFound`].
pub async fn group(tx: &Tx, id: AttachmentGroupId) -> Result<Group> {
    let found = Entity::find_by_id(id).one(tx).await?;
    Ok(Group(found.ok_or(Code::GroupNotFound)?))
}

/// Makes a group.
///
/// # Errors
/// [`Error::Invalid`] if there are too many.
pub async fn create_group(tx: &Tx, display_name: &DisplayName, hidden: bool) -> Result<Group> {
    tx.check_preconditions(None, None)?;
    tx.lock("attachment-group").await?;
    if Entity::find().count(tx).await? >= MOST {
        let why = format!("is one too many: a tenant has up to {MOST} groups");
        return Err(Error::field("displayName", "value", why));
    }
    let made = Group(Model {
        id: AttachmentGroupId::new(tx.now),
        display_name: display_name.to_string(),
        hidden,
        created_at: tx.now,
    });
    db::insert(tx, made.0.clone()).await?;
    tx.changed("attachment-group", &made.0.id, Value::Null, made.audit_view());
    Ok(made)
}

/// Deletes a group. What is in it is in none, then.
///
/// # Errors
/// [`Code::GroupNotFound`].
pub async fn remove_group(tx: &Tx, id: AttachmentGroupId) -> Result<()> {
    let old = group(tx, id).await?;
    tx.check_preconditions(Some(1), None)?;
    entity::Entity::update_many()
        .col_expr(entity::Column::GroupId, Expr::value(None::<AttachmentGroupId>))
        .filter(entity::Column::GroupId.eq(id))
        .exec(tx)
        .await?;
    Entity::delete_by_id(id).exec(tx).await?;
    tx.changed("attachment-group", &id, old.audit_view(), Value::Null);
    Ok(())
}
