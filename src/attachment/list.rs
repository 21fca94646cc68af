//! Which files a list has.

use super::{
    Attachment, complete,
    entity::{Column, Entity, Model, group, label},
};
use crate::kit::{
    db::{self, Tx},
    error::Result,
    id::{AttachmentId, UserId},
    page::{Listed, Timeline},
    selector::{Test, Values},
    text::Keyword,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query as Sql},
};
use std::collections::BTreeSet;

/// Something that must be so of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentFilter {
    /// Its name.
    Name(Values),
    /// What people call it.
    DisplayName(Values),
    /// The name of the group it is in; of one that is in none it is empty.
    Group(Values),
    /// The type that it is of.
    MediaType(Values),
    /// Whether anybody may see it: `public` or `private`.
    Visibility(Values),
    /// Its label of this key.
    Label(String, Test),
}

/// Which files are asked for.
#[derive(Clone, Debug, Default)]
pub struct AttachmentQuery {
    /// A part of what people call it.
    pub keyword: Keyword,
    /// Whether it is in no group.
    pub ungrouped: bool,
    /// Types, one of which it is of; `image/*` is any of these.
    pub accepts: Vec<String>,
    /// What has to be so of each.
    pub filters: Vec<AttachmentFilter>,
}

/// One page of the files that are asked for. What is in a hidden group is left out.
pub async fn list(tx: &Tx, wanted: &AttachmentQuery, timeline: &Timeline) -> Result<Listed<Attachment>> {
    let mut query = Entity::find().filter(among_shown());
    let keyword = wanted.keyword.to_string().to_lowercase();
    if !keyword.is_empty() {
        query = query.filter(like(Column::Search, &keyword, true));
    }
    if wanted.ungrouped {
        query = query.filter(Column::GroupId.is_null());
    }
    if !wanted.accepts.is_empty() {
        query = query.filter(
            wanted
                .accepts
                .iter()
                .fold(Condition::any(), |any, kind| any.add(is_of(kind))),
        );
    }
    let query = wanted.filters.iter().fold(query, by);
    let place = |row: &Model| (row.created_at, row.id);
    let columns = (Column::CreatedAt, Column::Id);
    let listed = timeline.read(tx, "attachments", query, columns, place).await?;
    let mut whole = complete(tx, &listed.items).await?;
    listed.try_map(|row| {
        Ok(whole
            .remove(&row.id)
            .ok_or_else(|| anyhow::anyhow!("a file that was read"))?)
    })
}

/// The files of these names, and those with this content that anybody may see, in the order of their making.
pub async fn matching(tx: &Tx, ids: &[AttachmentId], hashes: &[String]) -> Result<Vec<Attachment>> {
    let public = Condition::all()
        .add(Column::Sha256.is_in(hashes.iter().map(String::as_str)))
        .add(Column::Public.eq(true));
    let any = Condition::any().add(Column::Id.is_in(ids.iter().copied())).add(public);
    let rows = Entity::find().filter(any).all(tx).await?;
    let mut found: Vec<_> = complete(tx, &rows).await?.into_values().collect();
    found.sort_by_key(Attachment::id);
    Ok(found)
}

/// The files that a user brought, also those in hidden groups, the latest first.
pub async fn brought_by(tx: &Tx, user: UserId, most: u64) -> Result<Vec<Attachment>> {
    let rows = Entity::find()
        .filter(Column::OwnerId.eq(user))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(tx)
        .await?;
    let mut whole = complete(tx, &rows).await?;
    Ok(rows.iter().filter_map(|row| whole.remove(&row.id)).collect())
}

fn among_shown() -> Condition {
    let hidden = Sql::select()
        .column(group::Column::Id)
        .from(group::Entity)
        .and_where(group::Column::Hidden.eq(true))
        .to_owned();
    Condition::any()
        .add(Column::GroupId.is_null())
        .add(Column::GroupId.into_expr().not_in_subquery(hidden))
}

/// That a column has this text in it, or begins with it.
fn like(column: Column, text: &str, anywhere: bool) -> Expr {
    column.into_expr().like(db::like(text, anywhere))
}

fn is_of(kind: &str) -> Expr {
    match kind.strip_suffix('*') {
        Some(family) => like(Column::MediaType, family, false),
        None => Column::MediaType.eq(kind),
    }
}

fn by(query: Select<Entity>, filter: &AttachmentFilter) -> Select<Entity> {
    match filter {
        AttachmentFilter::Name(values) => query.filter(by_ids(values, Column::Id)),
        AttachmentFilter::DisplayName(values) => query.filter(values.of(Column::DisplayName)),
        AttachmentFilter::Group(values) => query.filter(by_ids(values, Column::GroupId)),
        AttachmentFilter::MediaType(values) => query.filter(values.of(Column::MediaType)),
        AttachmentFilter::Visibility(values) => {
            let known = [("public", true), ("private", false)];
            let wanted = known.into_iter().filter(|(name, _)| values.has(name));
            query.filter(Column::Public.is_in(wanted.map(|(_, is_public)| is_public)))
        }
        AttachmentFilter::Label(key, test) => query.filter(by_label(key, test)),
    }
}

/// That an id is one of these, or none of them. What is no id is nobody's.
fn by_ids(values: &Values, column: Column) -> Condition {
    let (texts, is_in) = match values {
        Values::In(texts) => (texts, true),
        Values::NotIn(texts) => (texts, false),
    };
    let ids: BTreeSet<_> = texts
        .iter()
        .filter_map(|text| uuid::Uuid::try_parse(text.split_once('_')?.1).ok())
        .collect();
    let mut any = Condition::any().add(column.is_in(ids));
    if texts.iter().any(String::is_empty) {
        any = any.add(column.is_null());
    }
    if is_in {
        return any;
    }
    // An id that is null is none of any.
    let none = Condition::all().add(any.not());
    match texts.iter().any(String::is_empty) {
        true => Condition::all().add(none).add(column.is_not_null()),
        false => Condition::any().add(none).add(column.is_null()),
    }
}

fn by_label(key: &str, test: &Test) -> Condition {
    let mut labels = Sql::select()
        .column(label::Column::AttachmentId)
        .from(label::Entity)
        .and_where(label::Column::Key.eq(key))
        .to_owned();
    if let Test::Value(Values::In(values) | Values::NotIn(values)) = test {
        labels.and_where(label::Column::Value.is_in(values.iter().map(String::as_str)));
    }
    let has = Column::Id.into_expr().in_subquery(labels);
    match test {
        Test::Value(Values::In(_)) | Test::Exists => Condition::all().add(has),
        Test::Value(Values::NotIn(_)) | Test::Missing => Condition::all().add(has).not(),
    }
}
